-- Grain: one field of one planned row with something to say about it. What may be kept of a value is decided here, per field.

select plan_id, seq, row_key, 'Lead_Score__c', action_lead_score__c,
  live_lead_score__c, cast(cast(acked_lead_score__c as bigint) as text), case when action_lead_score__c <> 'clear' then cast(desired_lead_score__c as text) end,
  case when live_lead_score__c is not null then encode(sha256(convert_to('salt' || live_lead_score__c, 'UTF8')), 'hex') end, case when cast(cast(acked_lead_score__c as bigint) as text) is not null then encode(sha256(convert_to('salt' || cast(cast(acked_lead_score__c as bigint) as text), 'UTF8')), 'hex') end, case when action_lead_score__c <> 'clear' then case when cast(desired_lead_score__c as text) is not null then encode(sha256(convert_to('salt' || cast(desired_lead_score__c as text), 'UTF8')), 'hex') end end,
  known_lead_score__c, op = 'update' and known_lead_score__c and not coalesce(
    case when acked_lead_score__c is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_lead_score__c), '') = '' else case when live_lead_score__c like '%.%' then rtrim(rtrim(live_lead_score__c, '0'), '.') else live_lead_score__c end = case when cast(cast(acked_lead_score__c as bigint) as text) like '%.%' then rtrim(rtrim(cast(cast(acked_lead_score__c as bigint) as text), '0'), '.') else cast(cast(acked_lead_score__c as bigint) as text) end end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_contacts as changes
where action_lead_score__c <> 'none'
union all
select plan_id, seq, row_key, 'Product_Usage_Segment__c', action_product_usage_segment__c,
  live_product_usage_segment__c, cast(acked_product_usage_segment__c as text), case when action_product_usage_segment__c <> 'clear' then desired_product_usage_segment__c end,
  case when live_product_usage_segment__c is not null then encode(sha256(convert_to('salt' || live_product_usage_segment__c, 'UTF8')), 'hex') end, case when cast(acked_product_usage_segment__c as text) is not null then encode(sha256(convert_to('salt' || cast(acked_product_usage_segment__c as text), 'UTF8')), 'hex') end, case when action_product_usage_segment__c <> 'clear' then case when desired_product_usage_segment__c is not null then encode(sha256(convert_to('salt' || desired_product_usage_segment__c, 'UTF8')), 'hex') end end,
  known_product_usage_segment__c, op = 'update' and known_product_usage_segment__c and not coalesce(
    case when acked_product_usage_segment__c is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_product_usage_segment__c), '') = '' else trim(live_product_usage_segment__c) = trim(cast(acked_product_usage_segment__c as text)) end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_contacts as changes
where action_product_usage_segment__c <> 'none'
