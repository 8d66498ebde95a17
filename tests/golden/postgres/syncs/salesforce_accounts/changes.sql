-- Grain: one candidate key, the rows to send first. Key: seq (dense; 1..n are sent in this order), change_id.
-- `body` is the fragment of the request, byte for byte what is sent.

with bodies as (
  select
    decisions.*,
    '{"attributes":{"type":"Account"}'    || ',"Customer_Id__c":' || cast(to_json(cast(decisions.match_value as text)) as text)    || case decisions.action_ltv__c when 'set' then ',"LTV__c":' || cast(decisions.desired_ltv__c as text) when 'clear' then ',"LTV__c":null' else '' end    || case decisions.action_product_usage_segment__c when 'set' then ',"Product_Usage_Segment__c":' || cast(to_json(cast(decisions.desired_product_usage_segment__c as text)) as text) when 'clear' then ',"Product_Usage_Segment__c":null' else '' end    || case decisions.action_risk_score__c when 'set' then ',"Risk_Score__c":' || cast(decisions.desired_risk_score__c as text) when 'clear' then ',"Risk_Score__c":null' else '' end    || case decisions.action_name when 'set' then ',"Name":' || cast(to_json(cast(decisions.desired_name as text)) as text) when 'clear' then ',"Name":null' else '' end
    || '}' as payload
  from backfeed.decisions_salesforce_accounts as decisions
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
      when last_disposition = 'rejected' and payload_hash = last_payload_hash and last_mapping_hash = '9e8bced20a6a1fd4' and next_attempt_at > cast('2000-01-01T00:00:00.000' as timestamp) then 'held'
      else decision
    end as final_decision
  from gated
),
placed as (
  select
    held_back.*,
    cast(null as text) as parent,
    row_number() over (order by case when final_decision = 'send' then 0 else 1 end, row_key) as seq
  from held_back
)
select
  seq,
  'plan_00' as plan_id,
  '0000000000-' || cast(seq as text) as change_id,
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
  case when final_decision = 'send' then ((seq - 1) / 200) + 1 end as batch_no,
  case when final_decision = 'send' then payload end as body,
  payload_hash,
  next_attempt_at,
  action_ltv__c,
  desired_ltv__c,
  live_ltv__c,
  known_ltv__c,
  unsettled_ltv__c,
  acked_ltv__c,
  action_product_usage_segment__c,
  desired_product_usage_segment__c,
  live_product_usage_segment__c,
  known_product_usage_segment__c,
  unsettled_product_usage_segment__c,
  acked_product_usage_segment__c,
  action_risk_score__c,
  desired_risk_score__c,
  live_risk_score__c,
  known_risk_score__c,
  unsettled_risk_score__c,
  acked_risk_score__c,
  action_name,
  desired_name,
  live_name,
  known_name,
  unsettled_name,
  acked_name

from placed
