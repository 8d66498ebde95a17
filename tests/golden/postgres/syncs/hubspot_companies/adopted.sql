-- Grain: one row with a field that waits for a person: first contact with other data, or changed on both sides. Key: seq, row_key.
-- The live value becomes the acknowledged one, so that the next plan shows what would change from there. Nothing is sent.

with waiting as (
  select
    changes.*,
    case when action_plan in ('held', 'conflict') and live_plan is not null then 'base' else 'none' end as next_plan,
    case when action_health_score in ('held', 'conflict') and cast((case when live_health_score ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(live_health_score as numeric) end) as bigint) is not null then 'base' else 'none' end as next_health_score,
    case when action_intent_segment in ('held', 'conflict') and live_intent_segment is not null then 'base' else 'none' end as next_intent_segment
  from backfeed.changes_hubspot_companies as changes
  where op = 'update'),
adopted as (
  select *
  from waiting
  where next_plan = 'base' or next_health_score = 'base' or next_intent_segment = 'base' or false
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
  'adopted' as reason,
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
from adopted
