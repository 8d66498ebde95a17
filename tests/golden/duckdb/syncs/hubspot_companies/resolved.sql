-- Grain: one key whose last write is resolved, as state shall hold it from now on. Key: row_key.

with resolutions as (
  select * from backfeed.resolutions_hubspot_companies where recency = 1 and outcome is not null
),
waiting as (
  select distinct field_log.plan_id, field_log.row_no
  from backfeed.sync_plan_field as field_log
  join resolutions on resolutions.plan_id = field_log.plan_id and resolutions.row_no = field_log.row_no
  where field_log.action = 'held'
),
disposed as (
  select
    state.*,
    resolutions.outcome,
    resolutions.record_id,
    cast(resolutions.fingerprint as ubigint) as planned_fingerprint,
    case when resolutions.outcome = 'succeeded' then case when waiting.plan_id is null then 'synced' else 'held' end else resolutions.outcome end as next_disposition,
    resolutions.action_plan,
    resolutions.live_plan,
    resolutions.sent_plan,
    resolutions.found_plan,
    (resolutions.base_known_plan = 1) as base_known_plan,
    resolutions.base_plan as base_plan,
    resolutions.action_health_score,
    resolutions.live_health_score,
    resolutions.sent_health_score,
    resolutions.found_health_score,
    (resolutions.base_known_health_score = 1) as base_known_health_score,
    try_cast(resolutions.base_health_score as bigint) as base_health_score,
    resolutions.action_intent_segment,
    resolutions.live_intent_segment,
    resolutions.sent_intent_segment,
    resolutions.found_intent_segment,
    (resolutions.base_known_intent_segment = 1) as base_known_intent_segment,
    resolutions.base_intent_segment as base_intent_segment
  from resolutions
  join backfeed.state_hubspot_companies as state on state.row_key = resolutions.row_key
  left join waiting on waiting.plan_id = resolutions.plan_id and waiting.row_no = resolutions.row_no
)
select
  key_hash,
  row_key,
  coalesce(record_id, crm_id) as crm_id,
  case when next_disposition = 'synced' then planned_fingerprint end as fingerprint,
  mapping_hash,
  next_disposition as disposition,
  match_hash,
  cast(null as ubigint) as sent_fingerprint,
  next_disposition <> 'synced' as is_open,
  payload_hash,
  attempts,
  cast(null as timestamp) as next_attempt_at,
  0 as epoch,
  0 as seq,
case when action_plan is null then known_plan when outcome = 'succeeded' then true else base_known_plan end as known_plan,
case when action_plan is null then acked_plan when outcome = 'succeeded' then case when action_plan = 'set' then sent_plan end when base_known_plan then base_plan end as acked_plan,
case when action_plan is null then unsettled_plan when outcome = 'succeeded' then false else false end as unsettled_plan,
  case when action_plan is null then stored_plan end as stored_plan,
case when action_health_score is null then known_health_score when outcome = 'succeeded' then true else base_known_health_score end as known_health_score,
case when action_health_score is null then acked_health_score when outcome = 'succeeded' then case when action_health_score = 'set' then try_cast(sent_health_score as bigint) end when base_known_health_score then base_health_score end as acked_health_score,
case when action_health_score is null then unsettled_health_score when outcome = 'succeeded' then false else false end as unsettled_health_score,
  case when action_health_score is null then stored_health_score end as stored_health_score,
case when action_intent_segment is null then known_intent_segment when outcome = 'succeeded' then true else base_known_intent_segment end as known_intent_segment,
case when action_intent_segment is null then acked_intent_segment when outcome = 'succeeded' then case when action_intent_segment = 'set' then sent_intent_segment end when base_known_intent_segment then base_intent_segment end as acked_intent_segment,
case when action_intent_segment is null then unsettled_intent_segment when outcome = 'succeeded' then false else false end as unsettled_intent_segment,
  case when action_intent_segment is null then stored_intent_segment end as stored_intent_segment
from disposed
