-- Grain: one row with a field whose live value is not the acknowledged one. Key: seq, row_key. A report: nothing is sent or folded.

with compared as (
  select
    changes.*,
    case when action_lead_score__c <> 'adopt' and op = 'update' and known_lead_score__c and not coalesce(
    case when acked_lead_score__c is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_lead_score__c), '') = '' else case when live_lead_score__c like '%.%' then rtrim(rtrim(live_lead_score__c, '0'), '.') else live_lead_score__c end = case when cast(cast(acked_lead_score__c as bigint) as text) like '%.%' then rtrim(rtrim(cast(cast(acked_lead_score__c as bigint) as text), '0'), '.') else cast(cast(acked_lead_score__c as bigint) as text) end end, false) then 'drift' else 'none' end as next_lead_score__c,
    case when action_product_usage_segment__c <> 'adopt' and op = 'update' and known_product_usage_segment__c and not coalesce(
    case when acked_product_usage_segment__c is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_product_usage_segment__c), '') = '' else trim(live_product_usage_segment__c) = trim(cast(acked_product_usage_segment__c as text)) end, false) then 'drift' else 'none' end as next_product_usage_segment__c
  from backfeed.changes_salesforce_contacts as changes
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
  next_lead_score__c as action_lead_score__c,
  desired_lead_score__c,
  live_lead_score__c,
  known_lead_score__c,
  unsettled_lead_score__c,
  acked_lead_score__c,
  next_product_usage_segment__c as action_product_usage_segment__c,
  desired_product_usage_segment__c,
  live_product_usage_segment__c,
  known_product_usage_segment__c,
  unsettled_product_usage_segment__c,
  acked_product_usage_segment__c
from compared
where next_lead_score__c = 'drift' or next_product_usage_segment__c = 'drift' or false
