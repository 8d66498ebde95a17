-- Grain: one unresolved row and what the CRM holds of it now. Key: plan_id, row_no. `outcome` is null where nothing can be said yet.

with live_records as (
  select
    nullif(trim(match_value), '') as match_form,
    case when min(record_id) = max(record_id) then 1 else 2 end as records,
    min(record_id) as record_id,
    max(live_ltv__c) as live_ltv__c,
    max(live_product_usage_segment__c) as live_product_usage_segment__c,
    max(live_risk_score__c) as live_risk_score__c,
    max(live_name) as live_name
  from backfeed.snapshot_salesforce_accounts
  group by nullif(trim(match_value), '')
),
sent_fields as (
  select plan_id, row_no,
    max(case when field = 'LTV__c' then action end) as action_ltv__c,
    max(case when field = 'LTV__c' then desired_value end) as sent_ltv__c,
    max(case when field = 'LTV__c' then desired_hash end) as sent_hash_ltv__c,
    max(case when field = 'LTV__c' then before_hash end) as before_hash_ltv__c,
    max(case when field = 'LTV__c' then base_value end) as base_ltv__c,
    max(case when field = 'LTV__c' then case when base_known then 1 else 0 end end) as base_known_ltv__c,
    max(case when field = 'LTV__c' then case when crm_changed then 1 else 0 end end) as crm_changed_ltv__c,
    max(case when field = 'Product_Usage_Segment__c' then action end) as action_product_usage_segment__c,
    max(case when field = 'Product_Usage_Segment__c' then desired_value end) as sent_product_usage_segment__c,
    max(case when field = 'Product_Usage_Segment__c' then desired_hash end) as sent_hash_product_usage_segment__c,
    max(case when field = 'Product_Usage_Segment__c' then before_hash end) as before_hash_product_usage_segment__c,
    max(case when field = 'Product_Usage_Segment__c' then base_value end) as base_product_usage_segment__c,
    max(case when field = 'Product_Usage_Segment__c' then case when base_known then 1 else 0 end end) as base_known_product_usage_segment__c,
    max(case when field = 'Product_Usage_Segment__c' then case when crm_changed then 1 else 0 end end) as crm_changed_product_usage_segment__c,
    max(case when field = 'Risk_Score__c' then action end) as action_risk_score__c,
    max(case when field = 'Risk_Score__c' then desired_value end) as sent_risk_score__c,
    max(case when field = 'Risk_Score__c' then desired_hash end) as sent_hash_risk_score__c,
    max(case when field = 'Risk_Score__c' then before_hash end) as before_hash_risk_score__c,
    max(case when field = 'Risk_Score__c' then base_value end) as base_risk_score__c,
    max(case when field = 'Risk_Score__c' then case when base_known then 1 else 0 end end) as base_known_risk_score__c,
    max(case when field = 'Risk_Score__c' then case when crm_changed then 1 else 0 end end) as crm_changed_risk_score__c,
    max(case when field = 'Name' then action end) as action_name,
    max(case when field = 'Name' then desired_value end) as sent_name,
    max(case when field = 'Name' then desired_hash end) as sent_hash_name,
    max(case when field = 'Name' then before_hash end) as before_hash_name,
    max(case when field = 'Name' then base_value end) as base_name,
    max(case when field = 'Name' then case when base_known then 1 else 0 end end) as base_known_name,
    max(case when field = 'Name' then case when crm_changed then 1 else 0 end end) as crm_changed_name
  from backfeed.sync_plan_field
  where action in ('set', 'clear') and plan_id in (select plan_id from backfeed.unresolved_salesforce_accounts)
  group by plan_id, row_no
),
met as (
  select
    unresolved.*,
    coalesce(live_records.records, 0) as records,
    live_records.record_id,
    live_records.live_ltv__c,
    sent_fields.action_ltv__c,
    sent_fields.sent_ltv__c,
    sent_fields.sent_hash_ltv__c,
    sent_fields.before_hash_ltv__c,
    sent_fields.base_ltv__c,
    sent_fields.base_known_ltv__c,
    sent_fields.crm_changed_ltv__c,
    live_records.live_product_usage_segment__c,
    sent_fields.action_product_usage_segment__c,
    sent_fields.sent_product_usage_segment__c,
    sent_fields.sent_hash_product_usage_segment__c,
    sent_fields.before_hash_product_usage_segment__c,
    sent_fields.base_product_usage_segment__c,
    sent_fields.base_known_product_usage_segment__c,
    sent_fields.crm_changed_product_usage_segment__c,
    live_records.live_risk_score__c,
    sent_fields.action_risk_score__c,
    sent_fields.sent_risk_score__c,
    sent_fields.sent_hash_risk_score__c,
    sent_fields.before_hash_risk_score__c,
    sent_fields.base_risk_score__c,
    sent_fields.base_known_risk_score__c,
    sent_fields.crm_changed_risk_score__c,
    live_records.live_name,
    sent_fields.action_name,
    sent_fields.sent_name,
    sent_fields.sent_hash_name,
    sent_fields.before_hash_name,
    sent_fields.base_name,
    sent_fields.base_known_name,
    sent_fields.crm_changed_name
  from backfeed.unresolved_salesforce_accounts as unresolved
  left join sent_fields on sent_fields.plan_id = unresolved.plan_id and sent_fields.row_no = unresolved.row_no
  left join live_records on live_records.match_form = nullif(trim(unresolved.match_value), '')
),
compared as (
  select
    met.*,
    case
    when met.action_ltv__c is null then null
    when met.action_ltv__c = 'clear' and coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from met.live_ltv__c), '') = '' then 'sent'
    when met.action_ltv__c = 'set' and coalesce(case when met.live_ltv__c like '%.%' then rtrim(rtrim(met.live_ltv__c, '0'), '.') else met.live_ltv__c end = case when cast(cast((case when met.sent_ltv__c ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(met.sent_ltv__c as numeric) end) as numeric(18, 2)) as text) like '%.%' then rtrim(rtrim(cast(cast((case when met.sent_ltv__c ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(met.sent_ltv__c as numeric) end) as numeric(18, 2)) as text), '0'), '.') else cast(cast((case when met.sent_ltv__c ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(met.sent_ltv__c as numeric) end) as numeric(18, 2)) as text) end, false) then 'sent'
    when case when met.live_ltv__c is not null then encode(sha256(convert_to('salt' || met.live_ltv__c, 'UTF8')), 'hex') end is not distinct from met.before_hash_ltv__c then 'before'
    else 'other'
  end as found_ltv__c,
    case
    when met.action_product_usage_segment__c is null then null
    when met.action_product_usage_segment__c = 'clear' and coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from met.live_product_usage_segment__c), '') = '' then 'sent'
    when met.action_product_usage_segment__c = 'set' and coalesce(trim(met.live_product_usage_segment__c) = trim(met.sent_product_usage_segment__c), false) then 'sent'
    when case when met.live_product_usage_segment__c is not null then encode(sha256(convert_to('salt' || met.live_product_usage_segment__c, 'UTF8')), 'hex') end is not distinct from met.before_hash_product_usage_segment__c then 'before'
    else 'other'
  end as found_product_usage_segment__c,
    case
    when met.action_risk_score__c is null then null
    when met.action_risk_score__c = 'clear' and coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from met.live_risk_score__c), '') = '' then 'sent'
    when met.action_risk_score__c = 'set' and coalesce(case when met.live_risk_score__c like '%.%' then rtrim(rtrim(met.live_risk_score__c, '0'), '.') else met.live_risk_score__c end = case when cast(cast((case when met.sent_risk_score__c ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(met.sent_risk_score__c as numeric) end) as numeric(5, 2)) as text) like '%.%' then rtrim(rtrim(cast(cast((case when met.sent_risk_score__c ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(met.sent_risk_score__c as numeric) end) as numeric(5, 2)) as text), '0'), '.') else cast(cast((case when met.sent_risk_score__c ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(met.sent_risk_score__c as numeric) end) as numeric(5, 2)) as text) end, false) then 'sent'
    when case when met.live_risk_score__c is not null then encode(sha256(convert_to('salt' || met.live_risk_score__c, 'UTF8')), 'hex') end is not distinct from met.before_hash_risk_score__c then 'before'
    else 'other'
  end as found_risk_score__c,
    case
    when met.action_name is null then null
    when met.action_name = 'clear' and coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from met.live_name), '') = '' then 'sent'
    when met.action_name = 'set' and coalesce(trim(met.live_name) = trim(met.sent_name), false) then 'sent'
    when case when met.live_name is not null then encode(sha256(convert_to('salt' || met.live_name, 'UTF8')), 'hex') end is not distinct from met.before_hash_name then 'before'
    else 'other'
  end as found_name
  from met
),
counted as (
  select
    compared.*,
    case when found_ltv__c = 'sent' then 1 else 0 end + case when found_product_usage_segment__c = 'sent' then 1 else 0 end + case when found_risk_score__c = 'sent' then 1 else 0 end + case when found_name = 'sent' then 1 else 0 end + 0 as found_sent,
    case when found_ltv__c = 'before' then 1 else 0 end + case when found_product_usage_segment__c = 'before' then 1 else 0 end + case when found_risk_score__c = 'before' then 1 else 0 end + case when found_name = 'before' then 1 else 0 end + 0 as found_before,
    case when found_ltv__c = 'other' then 1 else 0 end + case when found_product_usage_segment__c = 'other' then 1 else 0 end + case when found_risk_score__c = 'other' then 1 else 0 end + case when found_name = 'other' then 1 else 0 end + 0 as found_other
  from compared
)
select
  counted.*,
  case
    when records > 1 then null
    when records = 1 and found_before + found_other = 0 then case when found_sent > 0 or op = 'create' then 'succeeded' end
    when is_settled = 0 then null
    when records = 0 then case when op = 'create' then 'retryable' else 'rejected' end
    else 'retryable'
  end as outcome,
  case
    when records = 0 and op = 'update' then 'E-DATA-GONE'
    when records = 1 and op = 'update' and found_sent + found_other = 0 or records = 0 then 'E-RUN-NOT-APPLIED'
    else 'E-RUN-OVERWRITTEN'
  end as code
from counted
