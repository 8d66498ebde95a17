-- Grain: one key whose last write is resolved, as state shall hold it from now on. Key: row_key.

with resolutions as (
  select * from backfeed.resolutions_hubspot_contacts where recency = 1 and outcome is not null
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
    resolutions.found_plan,
    (resolutions.base_known_plan = 1) as base_known_plan,
    resolutions.base_plan as base_plan,
    resolutions.action_health_score,
    resolutions.live_health_score,
    resolutions.found_health_score,
    (resolutions.base_known_health_score = 1) as base_known_health_score,
    try_cast(resolutions.base_health_score as bigint) as base_health_score,
    resolutions.action_intent_segment,
    resolutions.live_intent_segment,
    resolutions.found_intent_segment,
    (resolutions.base_known_intent_segment = 1) as base_known_intent_segment,
    resolutions.base_intent_segment as base_intent_segment,
    resolutions.action_person_key,
    resolutions.live_person_key,
    resolutions.found_person_key,
    (resolutions.base_known_person_key = 1) as base_known_person_key,
    resolutions.base_person_key as base_person_key,
    resolutions.action_firstname,
    resolutions.live_firstname,
    resolutions.found_firstname,
    (resolutions.base_known_firstname = 1 and resolutions.found_firstname = 'before' and resolutions.crm_changed_firstname = 0) as base_known_firstname,
    case when resolutions.found_firstname = 'before' and resolutions.crm_changed_firstname = 0 then resolutions.live_firstname end as base_firstname,
    resolutions.action_lastname,
    resolutions.live_lastname,
    resolutions.found_lastname,
    (resolutions.base_known_lastname = 1 and resolutions.found_lastname = 'before' and resolutions.crm_changed_lastname = 0) as base_known_lastname,
    case when resolutions.found_lastname = 'before' and resolutions.crm_changed_lastname = 0 then resolutions.live_lastname end as base_lastname,
    resolutions.action_phone,
    resolutions.live_phone,
    resolutions.found_phone,
    (resolutions.base_known_phone = 1 and resolutions.found_phone = 'before' and resolutions.crm_changed_phone = 0) as base_known_phone,
    case when resolutions.found_phone = 'before' and resolutions.crm_changed_phone = 0 then resolutions.live_phone end as base_phone
  from resolutions
  join backfeed.state_hubspot_contacts as state on state.row_key = resolutions.row_key
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
case when action_plan is null then acked_plan when outcome = 'succeeded' then case when action_plan = 'set' then live_plan end when base_known_plan then base_plan end as acked_plan,
case when action_plan is null then unsettled_plan when outcome = 'succeeded' then false else false end as unsettled_plan,
case when action_health_score is null then known_health_score when outcome = 'succeeded' then true else base_known_health_score end as known_health_score,
case when action_health_score is null then acked_health_score when outcome = 'succeeded' then case when action_health_score = 'set' then try_cast(live_health_score as bigint) end when base_known_health_score then base_health_score end as acked_health_score,
case when action_health_score is null then unsettled_health_score when outcome = 'succeeded' then false else false end as unsettled_health_score,
case when action_intent_segment is null then known_intent_segment when outcome = 'succeeded' then true else base_known_intent_segment end as known_intent_segment,
case when action_intent_segment is null then acked_intent_segment when outcome = 'succeeded' then case when action_intent_segment = 'set' then live_intent_segment end when base_known_intent_segment then base_intent_segment end as acked_intent_segment,
case when action_intent_segment is null then unsettled_intent_segment when outcome = 'succeeded' then false else false end as unsettled_intent_segment,
case when action_person_key is null then known_person_key when outcome = 'succeeded' then true else base_known_person_key end as known_person_key,
case when action_person_key is null then acked_person_key when outcome = 'succeeded' then case when action_person_key = 'set' then live_person_key end when base_known_person_key then base_person_key end as acked_person_key,
case when action_person_key is null then unsettled_person_key when outcome = 'succeeded' then false else false end as unsettled_person_key,
case when action_firstname is null then known_firstname when outcome = 'succeeded' then true else base_known_firstname end as known_firstname,
case when action_firstname is null then acked_firstname when outcome = 'succeeded' then case when action_firstname = 'set' then live_firstname end when base_known_firstname then base_firstname end as acked_firstname,
false as unsettled_firstname,
case when action_lastname is null then known_lastname when outcome = 'succeeded' then true else base_known_lastname end as known_lastname,
case when action_lastname is null then acked_lastname when outcome = 'succeeded' then case when action_lastname = 'set' then live_lastname end when base_known_lastname then base_lastname end as acked_lastname,
false as unsettled_lastname,
case when action_phone is null then known_phone when outcome = 'succeeded' then true else base_known_phone end as known_phone,
case when action_phone is null then acked_phone when outcome = 'succeeded' then case when action_phone = 'set' then live_phone end when base_known_phone then base_phone end as acked_phone,
case when action_phone is null then unsettled_phone when outcome = 'succeeded' then false else not base_known_phone end as unsettled_phone
from disposed
