-- Grain: one field of one planned row with something to say about it. What may be kept of a value is decided here, per field.

select plan_id, seq, row_key, 'Lead_Score__c', action_lead_score__c,
  live_lead_score__c, cast(cast(acked_lead_score__c as bigint) as varchar), case when action_lead_score__c <> 'clear' then cast(desired_lead_score__c as varchar) end,
  case when live_lead_score__c is not null then sha256('salt' || live_lead_score__c) end, case when cast(cast(acked_lead_score__c as bigint) as varchar) is not null then sha256('salt' || cast(cast(acked_lead_score__c as bigint) as varchar)) end, case when action_lead_score__c <> 'clear' then case when cast(desired_lead_score__c as varchar) is not null then sha256('salt' || cast(desired_lead_score__c as varchar)) end end,
  known_lead_score__c, op = 'update' and known_lead_score__c and not coalesce(
    case when acked_lead_score__c is null then not coalesce(regexp_matches(live_lead_score__c, '[^\t-\r ]'), false) else case when live_lead_score__c like '%.%' then rtrim(rtrim(live_lead_score__c, '0'), '.') else live_lead_score__c end = case when cast(cast(acked_lead_score__c as bigint) as varchar) like '%.%' then rtrim(rtrim(cast(cast(acked_lead_score__c as bigint) as varchar), '0'), '.') else cast(cast(acked_lead_score__c as bigint) as varchar) end end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_contacts as changes
where action_lead_score__c <> 'none'
union all
select plan_id, seq, row_key, 'Product_Usage_Segment__c', action_product_usage_segment__c,
  live_product_usage_segment__c, cast(acked_product_usage_segment__c as varchar), case when action_product_usage_segment__c <> 'clear' then desired_product_usage_segment__c end,
  case when live_product_usage_segment__c is not null then sha256('salt' || live_product_usage_segment__c) end, case when cast(acked_product_usage_segment__c as varchar) is not null then sha256('salt' || cast(acked_product_usage_segment__c as varchar)) end, case when action_product_usage_segment__c <> 'clear' then case when desired_product_usage_segment__c is not null then sha256('salt' || desired_product_usage_segment__c) end end,
  known_product_usage_segment__c, op = 'update' and known_product_usage_segment__c and not coalesce(
    case when acked_product_usage_segment__c is null then not coalesce(regexp_matches(live_product_usage_segment__c, '[^\t-\r ]'), false) else trim(live_product_usage_segment__c) = trim(cast(acked_product_usage_segment__c as varchar)) end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_contacts as changes
where action_product_usage_segment__c <> 'none'
