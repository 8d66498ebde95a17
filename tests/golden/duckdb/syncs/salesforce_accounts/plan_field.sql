-- Grain: one field of one planned row with something to say about it. What may be kept of a value is decided here, per field.

select plan_id, seq, row_key, 'LTV__c', action_ltv__c,
  live_ltv__c, cast(cast(acked_ltv__c as decimal(18, 2)) as varchar), case when action_ltv__c <> 'clear' then cast(desired_ltv__c as varchar) end,
  case when live_ltv__c is not null then sha256('salt' || live_ltv__c) end, case when cast(cast(acked_ltv__c as decimal(18, 2)) as varchar) is not null then sha256('salt' || cast(cast(acked_ltv__c as decimal(18, 2)) as varchar)) end, case when action_ltv__c <> 'clear' then case when cast(desired_ltv__c as varchar) is not null then sha256('salt' || cast(desired_ltv__c as varchar)) end end,
  known_ltv__c, op = 'update' and known_ltv__c and not coalesce(
    case when acked_ltv__c is null then not coalesce(regexp_matches(live_ltv__c, '[^\t-\r ]'), false) else case when live_ltv__c like '%.%' then rtrim(rtrim(live_ltv__c, '0'), '.') else live_ltv__c end = case when cast(cast(acked_ltv__c as decimal(18, 2)) as varchar) like '%.%' then rtrim(rtrim(cast(cast(acked_ltv__c as decimal(18, 2)) as varchar), '0'), '.') else cast(cast(acked_ltv__c as decimal(18, 2)) as varchar) end end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_accounts as changes
where action_ltv__c <> 'none'
union all
select plan_id, seq, row_key, 'Product_Usage_Segment__c', action_product_usage_segment__c,
  live_product_usage_segment__c, cast(acked_product_usage_segment__c as varchar), case when action_product_usage_segment__c <> 'clear' then desired_product_usage_segment__c end,
  case when live_product_usage_segment__c is not null then sha256('salt' || live_product_usage_segment__c) end, case when cast(acked_product_usage_segment__c as varchar) is not null then sha256('salt' || cast(acked_product_usage_segment__c as varchar)) end, case when action_product_usage_segment__c <> 'clear' then case when desired_product_usage_segment__c is not null then sha256('salt' || desired_product_usage_segment__c) end end,
  known_product_usage_segment__c, op = 'update' and known_product_usage_segment__c and not coalesce(
    case when acked_product_usage_segment__c is null then not coalesce(regexp_matches(live_product_usage_segment__c, '[^\t-\r ]'), false) else trim(live_product_usage_segment__c) = trim(cast(acked_product_usage_segment__c as varchar)) end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_accounts as changes
where action_product_usage_segment__c <> 'none'
union all
select plan_id, seq, row_key, 'Risk_Score__c', action_risk_score__c,
  live_risk_score__c, cast(cast(acked_risk_score__c as decimal(5, 2)) as varchar), case when action_risk_score__c <> 'clear' then cast(desired_risk_score__c as varchar) end,
  case when live_risk_score__c is not null then sha256('salt' || live_risk_score__c) end, case when cast(cast(acked_risk_score__c as decimal(5, 2)) as varchar) is not null then sha256('salt' || cast(cast(acked_risk_score__c as decimal(5, 2)) as varchar)) end, case when action_risk_score__c <> 'clear' then case when cast(desired_risk_score__c as varchar) is not null then sha256('salt' || cast(desired_risk_score__c as varchar)) end end,
  known_risk_score__c, op = 'update' and known_risk_score__c and not coalesce(
    case when acked_risk_score__c is null then not coalesce(regexp_matches(live_risk_score__c, '[^\t-\r ]'), false) else case when live_risk_score__c like '%.%' then rtrim(rtrim(live_risk_score__c, '0'), '.') else live_risk_score__c end = case when cast(cast(acked_risk_score__c as decimal(5, 2)) as varchar) like '%.%' then rtrim(rtrim(cast(cast(acked_risk_score__c as decimal(5, 2)) as varchar), '0'), '.') else cast(cast(acked_risk_score__c as decimal(5, 2)) as varchar) end end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_accounts as changes
where action_risk_score__c <> 'none'
union all
select plan_id, seq, row_key, 'Name', action_name,
  live_name, cast(acked_name as varchar), case when action_name <> 'clear' then desired_name end,
  case when live_name is not null then sha256('salt' || live_name) end, case when cast(acked_name as varchar) is not null then sha256('salt' || cast(acked_name as varchar)) end, case when action_name <> 'clear' then case when desired_name is not null then sha256('salt' || desired_name) end end,
  known_name, op = 'update' and known_name and not coalesce(
    case when acked_name is null then not coalesce(regexp_matches(live_name, '[^\t-\r ]'), false) else trim(live_name) = trim(cast(acked_name as varchar)) end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_accounts as changes
where action_name <> 'none'
