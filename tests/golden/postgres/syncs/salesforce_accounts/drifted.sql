-- Grain: one row with a field whose live value is not the acknowledged one. Key: seq, row_key. A report: nothing is sent or folded.

with compared as (
  select
    changes.*,
    case when action_ltv__c <> 'adopt' and op = 'update' and known_ltv__c and not coalesce(
    case when acked_ltv__c is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_ltv__c), '') = '' else case when live_ltv__c like '%.%' then rtrim(rtrim(live_ltv__c, '0'), '.') else live_ltv__c end = case when cast(cast(acked_ltv__c as numeric(18, 2)) as text) like '%.%' then rtrim(rtrim(cast(cast(acked_ltv__c as numeric(18, 2)) as text), '0'), '.') else cast(cast(acked_ltv__c as numeric(18, 2)) as text) end end, false) then 'drift' else 'none' end as next_ltv__c,
    case when action_product_usage_segment__c <> 'adopt' and op = 'update' and known_product_usage_segment__c and not coalesce(
    case when acked_product_usage_segment__c is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_product_usage_segment__c), '') = '' else trim(live_product_usage_segment__c) = trim(cast(acked_product_usage_segment__c as text)) end, false) then 'drift' else 'none' end as next_product_usage_segment__c,
    case when action_risk_score__c <> 'adopt' and op = 'update' and known_risk_score__c and not coalesce(
    case when acked_risk_score__c is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_risk_score__c), '') = '' else case when live_risk_score__c like '%.%' then rtrim(rtrim(live_risk_score__c, '0'), '.') else live_risk_score__c end = case when cast(cast(acked_risk_score__c as numeric(5, 2)) as text) like '%.%' then rtrim(rtrim(cast(cast(acked_risk_score__c as numeric(5, 2)) as text), '0'), '.') else cast(cast(acked_risk_score__c as numeric(5, 2)) as text) end end, false) then 'drift' else 'none' end as next_risk_score__c,
    case when action_name <> 'adopt' and op = 'update' and known_name and not coalesce(
    case when acked_name is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_name), '') = '' else trim(live_name) = trim(cast(acked_name as text)) end, false) then 'drift' else 'none' end as next_name
  from backfeed.changes_salesforce_accounts as changes
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
  next_ltv__c as action_ltv__c,
  desired_ltv__c,
  live_ltv__c,
  known_ltv__c,
  unsettled_ltv__c,
  acked_ltv__c,
  next_product_usage_segment__c as action_product_usage_segment__c,
  desired_product_usage_segment__c,
  live_product_usage_segment__c,
  known_product_usage_segment__c,
  unsettled_product_usage_segment__c,
  acked_product_usage_segment__c,
  next_risk_score__c as action_risk_score__c,
  desired_risk_score__c,
  live_risk_score__c,
  known_risk_score__c,
  unsettled_risk_score__c,
  acked_risk_score__c,
  next_name as action_name,
  desired_name,
  live_name,
  known_name,
  unsettled_name,
  acked_name
from compared
where next_ltv__c = 'drift' or next_product_usage_segment__c = 'drift' or next_risk_score__c = 'drift' or next_name = 'drift' or false
