-- Grain: one row with a field that waits for a person: first contact with other data, or changed on both sides. Key: seq, row_key.
-- The live value becomes the acknowledged one, so that the next plan shows what would change from there. Nothing is sent.

with waiting as (
  select
    changes.*,
    case when action_lead_score__c in ('held', 'conflict') and try_cast(live_lead_score__c as bigint) is not null then 'base' else 'none' end as next_lead_score__c,
    case when action_product_usage_segment__c in ('held', 'conflict') and live_product_usage_segment__c is not null then 'base' else 'none' end as next_product_usage_segment__c
  from backfeed.changes_salesforce_contacts as changes
  where op = 'update'),
adopted as (
  select *
  from waiting
  where next_lead_score__c = 'base' or next_product_usage_segment__c = 'base' or false
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
  cast(null as varchar) as transport,
  cast(null as bigint) as batch_no,
  cast(null as varchar) as body,
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
from adopted
