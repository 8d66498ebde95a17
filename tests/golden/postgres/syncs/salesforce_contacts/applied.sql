-- Grain: one row of the saved plan that is applied. Key: row_key. Every row is decided anew; it is sent only where that comes to the very
-- change that was planned, on the record and over the values that were planned. So a plan shrinks and never grows. Rows that were right
-- already, or gone from the model, and still are, come along: state learns it, nothing is sent.

with planned_rows as (
  select row_key, decision, op, crm_id, payload_hash
  from backfeed.sync_plan_row
  where plan_id = 'plan_00' and decision in ('send', 'noop', 'removed')
),
planned_fields as (
  select
    row_key,
    max(case when field = 'Lead_Score__c' then 1 else 0 end) as writes_lead_score__c,
    max(case when field = 'Lead_Score__c' then before_hash end) as before_lead_score__c,
    max(case when field = 'Product_Usage_Segment__c' then 1 else 0 end) as writes_product_usage_segment__c,
    max(case when field = 'Product_Usage_Segment__c' then before_hash end) as before_product_usage_segment__c
  from backfeed.sync_plan_field
  where plan_id = 'plan_00' and action in ('set', 'clear')
  group by row_key
),
met_again as (
  select
    met.*,
    '{"attributes":{"type":"Contact"}'    || ',"id":' || cast(to_json(cast(met.crm_id as text)) as text)    || case met.action_lead_score__c when 'set' then ',"Lead_Score__c":' || cast(met.desired_lead_score__c as text) when 'clear' then ',"Lead_Score__c":null' else '' end    || case met.action_product_usage_segment__c when 'set' then ',"Product_Usage_Segment__c":' || cast(to_json(cast(met.desired_product_usage_segment__c as text)) as text) when 'clear' then ',"Product_Usage_Segment__c":null' else '' end
    || '}' as payload,
    planned_rows.decision as planned_decision,
    planned_rows.payload_hash as planned_payload_hash,
    met.op is distinct from planned_rows.op or met.crm_id is distinct from planned_rows.crm_id      or planned_fields.writes_lead_score__c = 1 and planned_fields.before_lead_score__c is distinct from case when met.live_lead_score__c is not null then encode(sha256(convert_to('salt' || met.live_lead_score__c, 'UTF8')), 'hex') end      or planned_fields.writes_product_usage_segment__c = 1 and planned_fields.before_product_usage_segment__c is distinct from case when met.live_product_usage_segment__c is not null then encode(sha256(convert_to('salt' || met.live_product_usage_segment__c, 'UTF8')), 'hex') end as has_drifted
  from backfeed.met_salesforce_contacts as met
  join planned_rows on planned_rows.row_key = met.row_key
  left join planned_fields on planned_fields.row_key = met.row_key
)
select
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,  case
    when planned_decision <> 'send' then decision
    when not coalesce(has_drifted, false) and decision = 'send' and md5(payload) = planned_payload_hash then 'send'
    else 'held'
  end as decision,
  case
    when planned_decision <> 'send' then reason
    when coalesce(has_drifted, false) then 'drifted_since_plan'
    when decision = 'send' and md5(payload) = planned_payload_hash then reason
    else 'changed_since_plan'
  end as reason,
  crm_id,
  match_hash,
  sent_fingerprint,
  last_disposition,
  last_payload_hash,
  last_mapping_hash,
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

from met_again
where planned_decision = 'send' or decision = planned_decision
