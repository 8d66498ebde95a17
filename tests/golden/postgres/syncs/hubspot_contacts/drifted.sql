-- Grain: one row with a field whose live value is not the acknowledged one. Key: seq, row_key. A report: nothing is sent or folded.

with compared as (
  select
    changes.*,
    case when action_plan <> 'adopt' and op = 'update' and known_plan and not coalesce(
    case when acked_plan is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_plan), '') = '' else trim(live_plan) = trim(cast(acked_plan as text)) end, false) then 'drift' else 'none' end as next_plan,
    case when action_health_score <> 'adopt' and op = 'update' and known_health_score and not coalesce(
    case when acked_health_score is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_health_score), '') = '' else case when live_health_score like '%.%' then rtrim(rtrim(live_health_score, '0'), '.') else live_health_score end = case when cast(cast(acked_health_score as bigint) as text) like '%.%' then rtrim(rtrim(cast(cast(acked_health_score as bigint) as text), '0'), '.') else cast(cast(acked_health_score as bigint) as text) end end, false) then 'drift' else 'none' end as next_health_score,
    case when action_intent_segment <> 'adopt' and op = 'update' and known_intent_segment and not coalesce(
    case when acked_intent_segment is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_intent_segment), '') = '' else trim(live_intent_segment) = trim(cast(acked_intent_segment as text)) end, false) then 'drift' else 'none' end as next_intent_segment,
    case when action_person_key <> 'adopt' and op = 'update' and known_person_key and not coalesce(
    case when acked_person_key is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_person_key), '') = '' else trim(live_person_key) = trim(cast(acked_person_key as text)) end, false) then 'drift' else 'none' end as next_person_key,
    case when action_firstname <> 'adopt' and op = 'update' and known_firstname and not coalesce(
    case when acked_firstname is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_firstname), '') = '' else trim(live_firstname) = trim(cast(acked_firstname as text)) end, false) then 'drift' else 'none' end as next_firstname,
    case when action_lastname <> 'adopt' and op = 'update' and known_lastname and not coalesce(
    case when acked_lastname is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_lastname), '') = '' else trim(live_lastname) = trim(cast(acked_lastname as text)) end, false) then 'drift' else 'none' end as next_lastname,
    case when action_phone <> 'adopt' and op = 'update' and known_phone and not coalesce(
    case when acked_phone is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_phone), '') = '' else trim(live_phone) = trim(cast(acked_phone as text)) end, false) then 'drift' else 'none' end as next_phone
  from backfeed.changes_hubspot_contacts as changes
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
  acked_intent_segment,
  next_person_key as action_person_key,
  desired_person_key,
  live_person_key,
  known_person_key,
  unsettled_person_key,
  acked_person_key,
  next_firstname as action_firstname,
  desired_firstname,
  live_firstname,
  known_firstname,
  unsettled_firstname,
  acked_firstname,
  next_lastname as action_lastname,
  desired_lastname,
  live_lastname,
  known_lastname,
  unsettled_lastname,
  acked_lastname,
  next_phone as action_phone,
  desired_phone,
  live_phone,
  known_phone,
  unsettled_phone,
  acked_phone
from compared
where next_plan = 'drift' or next_health_score = 'drift' or next_intent_segment = 'drift' or next_person_key = 'drift' or next_firstname = 'drift' or next_lastname = 'drift' or next_phone = 'drift' or false
