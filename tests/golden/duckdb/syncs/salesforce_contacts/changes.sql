-- Grain: one candidate key, the rows to send first. Key: seq (dense; 1..n are sent in this order), change_id.
-- `body` is the fragment of the request, byte for byte what is sent.

with bodies as (
  select
    decisions.*,
    '{"attributes":{"type":"Contact"}'    || ',"id":' || cast(to_json(decisions.crm_id) as varchar)    || case decisions.action_lead_score__c when 'set' then ',"Lead_Score__c":' || cast(decisions.desired_lead_score__c as varchar) when 'clear' then ',"Lead_Score__c":null' else '' end    || case decisions.action_product_usage_segment__c when 'set' then ',"Product_Usage_Segment__c":' || cast(to_json(decisions.desired_product_usage_segment__c) as varchar) when 'clear' then ',"Product_Usage_Segment__c":null' else '' end
    || '}' as payload
  from backfeed.decisions_salesforce_contacts as decisions
),
gated as (
  select
    bodies.*,
    md5(payload) as payload_hash
  from bodies
),
held_back as (
  select
    gated.*,
    case
      when last_disposition = 'unknown' and next_attempt_at > cast('2000-01-01T00:00:00.000' as timestamp) and (decision = 'send' or decision = 'noop' and fingerprint is distinct from sent_fingerprint) then 'held'
      when decision <> 'send' then decision
      when last_disposition = 'rejected' and payload_hash = last_payload_hash and last_mapping_hash = 'fe0abfce2dbf72a4' and next_attempt_at > cast('2000-01-01T00:00:00.000' as timestamp) then 'held'
      else decision
    end as final_decision
  from gated
),
placed as (
  select
    held_back.*,
    cast(null as varchar) as parent,
    row_number() over (order by case when final_decision = 'send' then 0 else 1 end, row_key) as seq
  from held_back
)
select
  seq,
  'plan_00' as plan_id,
  '0000000000-' || cast(seq as varchar) as change_id,
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,
  final_decision as decision,
  case when final_decision = decision then reason when last_disposition = 'unknown' then 'outcome_unknown' else 'rejected_unchanged' end as reason,
  crm_id,
  match_hash,
  parent,
  case when final_decision = 'send' then 'rest' end as transport,
  case when final_decision = 'send' then ((seq - 1) // 200) + 1 end as batch_no,
  case when final_decision = 'send' then payload end as body,
  payload_hash,
  next_attempt_at,
  action_lead_score__c,
  desired_lead_score__c,
  live_lead_score__c,
  known_lead_score__c,
  unsettled_lead_score__c,
  acked_lead_score__c,
  action_product_usage_segment__c,
  desired_product_usage_segment__c,
  live_product_usage_segment__c,
  known_product_usage_segment__c,
  unsettled_product_usage_segment__c,
  acked_product_usage_segment__c

from placed
