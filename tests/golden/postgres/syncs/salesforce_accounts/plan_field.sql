-- Grain: one field of one planned row with something to say about it. What may be kept of a value is decided here, per field.

select plan_id, seq, row_key, 'LTV__c', action_ltv__c,
  live_ltv__c, cast(cast(acked_ltv__c as numeric(18, 2)) as text), case when action_ltv__c <> 'clear' then cast(desired_ltv__c as text) end,
  case when live_ltv__c is not null then encode(sha256(convert_to('salt' || live_ltv__c, 'UTF8')), 'hex') end, case when cast(cast(acked_ltv__c as numeric(18, 2)) as text) is not null then encode(sha256(convert_to('salt' || cast(cast(acked_ltv__c as numeric(18, 2)) as text), 'UTF8')), 'hex') end, case when action_ltv__c <> 'clear' then case when cast(desired_ltv__c as text) is not null then encode(sha256(convert_to('salt' || cast(desired_ltv__c as text), 'UTF8')), 'hex') end end,
  known_ltv__c, op = 'update' and known_ltv__c and not coalesce(
    case when acked_ltv__c is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_ltv__c), '') = '' else case when live_ltv__c like '%.%' then rtrim(rtrim(live_ltv__c, '0'), '.') else live_ltv__c end = case when cast(cast(acked_ltv__c as numeric(18, 2)) as text) like '%.%' then rtrim(rtrim(cast(cast(acked_ltv__c as numeric(18, 2)) as text), '0'), '.') else cast(cast(acked_ltv__c as numeric(18, 2)) as text) end end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_accounts as changes
where action_ltv__c <> 'none'
union all
select plan_id, seq, row_key, 'Product_Usage_Segment__c', action_product_usage_segment__c,
  live_product_usage_segment__c, cast(acked_product_usage_segment__c as text), case when action_product_usage_segment__c <> 'clear' then desired_product_usage_segment__c end,
  case when live_product_usage_segment__c is not null then encode(sha256(convert_to('salt' || live_product_usage_segment__c, 'UTF8')), 'hex') end, case when cast(acked_product_usage_segment__c as text) is not null then encode(sha256(convert_to('salt' || cast(acked_product_usage_segment__c as text), 'UTF8')), 'hex') end, case when action_product_usage_segment__c <> 'clear' then case when desired_product_usage_segment__c is not null then encode(sha256(convert_to('salt' || desired_product_usage_segment__c, 'UTF8')), 'hex') end end,
  known_product_usage_segment__c, op = 'update' and known_product_usage_segment__c and not coalesce(
    case when acked_product_usage_segment__c is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_product_usage_segment__c), '') = '' else trim(live_product_usage_segment__c) = trim(cast(acked_product_usage_segment__c as text)) end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_accounts as changes
where action_product_usage_segment__c <> 'none'
union all
select plan_id, seq, row_key, 'Risk_Score__c', action_risk_score__c,
  live_risk_score__c, cast(cast(acked_risk_score__c as numeric(5, 2)) as text), case when action_risk_score__c <> 'clear' then cast(desired_risk_score__c as text) end,
  case when live_risk_score__c is not null then encode(sha256(convert_to('salt' || live_risk_score__c, 'UTF8')), 'hex') end, case when cast(cast(acked_risk_score__c as numeric(5, 2)) as text) is not null then encode(sha256(convert_to('salt' || cast(cast(acked_risk_score__c as numeric(5, 2)) as text), 'UTF8')), 'hex') end, case when action_risk_score__c <> 'clear' then case when cast(desired_risk_score__c as text) is not null then encode(sha256(convert_to('salt' || cast(desired_risk_score__c as text), 'UTF8')), 'hex') end end,
  known_risk_score__c, op = 'update' and known_risk_score__c and not coalesce(
    case when acked_risk_score__c is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_risk_score__c), '') = '' else case when live_risk_score__c like '%.%' then rtrim(rtrim(live_risk_score__c, '0'), '.') else live_risk_score__c end = case when cast(cast(acked_risk_score__c as numeric(5, 2)) as text) like '%.%' then rtrim(rtrim(cast(cast(acked_risk_score__c as numeric(5, 2)) as text), '0'), '.') else cast(cast(acked_risk_score__c as numeric(5, 2)) as text) end end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_accounts as changes
where action_risk_score__c <> 'none'
union all
select plan_id, seq, row_key, 'Name', action_name,
  live_name, cast(acked_name as text), case when action_name <> 'clear' then desired_name end,
  case when live_name is not null then encode(sha256(convert_to('salt' || live_name, 'UTF8')), 'hex') end, case when cast(acked_name as text) is not null then encode(sha256(convert_to('salt' || cast(acked_name as text), 'UTF8')), 'hex') end, case when action_name <> 'clear' then case when desired_name is not null then encode(sha256(convert_to('salt' || desired_name, 'UTF8')), 'hex') end end,
  known_name, op = 'update' and known_name and not coalesce(
    case when acked_name is null then coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from live_name), '') = '' else trim(live_name) = trim(cast(acked_name as text)) end, false), 'ignore', 'warehouse'
from backfeed.changes_salesforce_accounts as changes
where action_name <> 'none'
