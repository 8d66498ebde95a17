-- Grain: one key whose last write is resolved, as state shall hold it from now on. Key: row_key.

with resolutions as (
  select * from backfeed.resolutions_salesforce_accounts where recency = 1 and outcome is not null
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
    resolutions.action_ltv__c,
    resolutions.live_ltv__c,
    resolutions.sent_ltv__c,
    resolutions.found_ltv__c,
    (resolutions.base_known_ltv__c = 1) as base_known_ltv__c,
    try_cast(resolutions.base_ltv__c as decimal(18, 2)) as base_ltv__c,
    resolutions.action_product_usage_segment__c,
    resolutions.live_product_usage_segment__c,
    resolutions.sent_product_usage_segment__c,
    resolutions.found_product_usage_segment__c,
    (resolutions.base_known_product_usage_segment__c = 1) as base_known_product_usage_segment__c,
    resolutions.base_product_usage_segment__c as base_product_usage_segment__c,
    resolutions.action_risk_score__c,
    resolutions.live_risk_score__c,
    resolutions.sent_risk_score__c,
    resolutions.found_risk_score__c,
    (resolutions.base_known_risk_score__c = 1) as base_known_risk_score__c,
    try_cast(resolutions.base_risk_score__c as decimal(5, 2)) as base_risk_score__c,
    resolutions.action_name,
    resolutions.live_name,
    resolutions.sent_name,
    resolutions.found_name,
    (resolutions.base_known_name = 1) as base_known_name,
    resolutions.base_name as base_name
  from resolutions
  join backfeed.state_salesforce_accounts as state on state.row_key = resolutions.row_key
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
case when action_ltv__c is null then known_ltv__c when outcome = 'succeeded' then true else base_known_ltv__c end as known_ltv__c,
case when action_ltv__c is null then acked_ltv__c when outcome = 'succeeded' then case when action_ltv__c = 'set' then try_cast(sent_ltv__c as decimal(18, 2)) end when base_known_ltv__c then base_ltv__c end as acked_ltv__c,
case when action_ltv__c is null then unsettled_ltv__c when outcome = 'succeeded' then false else false end as unsettled_ltv__c,
  case when action_ltv__c is null then stored_ltv__c end as stored_ltv__c,
case when action_product_usage_segment__c is null then known_product_usage_segment__c when outcome = 'succeeded' then true else base_known_product_usage_segment__c end as known_product_usage_segment__c,
case when action_product_usage_segment__c is null then acked_product_usage_segment__c when outcome = 'succeeded' then case when action_product_usage_segment__c = 'set' then sent_product_usage_segment__c end when base_known_product_usage_segment__c then base_product_usage_segment__c end as acked_product_usage_segment__c,
case when action_product_usage_segment__c is null then unsettled_product_usage_segment__c when outcome = 'succeeded' then false else false end as unsettled_product_usage_segment__c,
  case when action_product_usage_segment__c is null then stored_product_usage_segment__c end as stored_product_usage_segment__c,
case when action_risk_score__c is null then known_risk_score__c when outcome = 'succeeded' then true else base_known_risk_score__c end as known_risk_score__c,
case when action_risk_score__c is null then acked_risk_score__c when outcome = 'succeeded' then case when action_risk_score__c = 'set' then try_cast(sent_risk_score__c as decimal(5, 2)) end when base_known_risk_score__c then base_risk_score__c end as acked_risk_score__c,
case when action_risk_score__c is null then unsettled_risk_score__c when outcome = 'succeeded' then false else false end as unsettled_risk_score__c,
  case when action_risk_score__c is null then stored_risk_score__c end as stored_risk_score__c,
case when action_name is null then known_name when outcome = 'succeeded' then true else base_known_name end as known_name,
case when action_name is null then acked_name when outcome = 'succeeded' then case when action_name = 'set' then sent_name end when base_known_name then base_name end as acked_name,
false as unsettled_name,
  case when action_name is null then stored_name end as stored_name
from disposed
