-- Grain: one row with a field whose live value is not the acknowledged one. Key: seq, row_key. A report: nothing is sent or folded.

with compared as (
  select
    changes.*,
    case when action_plan <> 'adopt' and op = 'update' and known_plan and not coalesce(
    case when acked_plan is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_plan), '') = '' else trim(live_plan) = trim(cast(acked_plan as text)) end, false) then 'drift' else 'none' end as next_plan,
    case when action_health_score <> 'adopt' and op = 'update' and known_health_score and not coalesce(
    case when acked_health_score is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_health_score), '') = '' else case when live_health_score like '%.%' then rtrim(rtrim(live_health_score, '0'), '.') else live_health_score end = case when cast(cast(acked_health_score as bigint) as text) like '%.%' then rtrim(rtrim(cast(cast(acked_health_score as bigint) as text), '0'), '.') else cast(cast(acked_health_score as bigint) as text) end end, false) then 'drift' else 'none' end as next_health_score,
    case when action_intent_segment <> 'adopt' and op = 'update' and known_intent_segment and not coalesce(
    case when acked_intent_segment is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_intent_segment), '') = '' else trim(live_intent_segment) = trim(cast(acked_intent_segment as text)) end, false) then 'drift' else 'none' end as next_intent_segment
  from backfeed.changes_hubspot_companies as changes
  where op = 'update'
)
select
  row_number() over (order by row_key) as seq,
  plan_id,
  change_id,
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,
  'noop' as decision,
  'drifted' as reason,
  crm_id,
  match_hash,
  parent,
  cast(null as text) as transport,
  cast(null as bigint) as batch_no,
  cast(null as text) as body,
  payload_hash,
  next_attempt_at,
  next_plan as action_plan,
  desired_plan,
  live_plan,
  known_plan,
  unsettled_plan,
  acked_plan,
  next_health_score as action_health_score,
  desired_health_score,
  live_health_score,
  known_health_score,
  unsettled_health_score,
  acked_health_score,
  next_intent_segment as action_intent_segment,
  desired_intent_segment,
  live_intent_segment,
  known_intent_segment,
  unsettled_intent_segment,
  acked_intent_segment
from compared
where next_plan = 'drift' or next_health_score = 'drift' or next_intent_segment = 'drift' or false
