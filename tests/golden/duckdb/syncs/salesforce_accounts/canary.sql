-- Grain: one field of the rows that were sent first and read back. Key: field. Built once per run, after its first window.
-- `differing`: stored otherwise than sent; `wrong`: and not merely in another form.

with read_back as (
  select
    row_no,
    max(case when field = 'LTV__c' then value end) as back_ltv__c,
    max(case when field = 'Product_Usage_Segment__c' then value end) as back_product_usage_segment__c,
    max(case when field = 'Risk_Score__c' then value end) as back_risk_score__c,
    max(case when field = 'Name' then value end) as back_name
  from backfeed.stored_salesforce_accounts
  where plan_id = 'plan_00' and source = 'canary'
  group by row_no
),
met as (
  select changes.*, read_back.*
  from backfeed.changes_salesforce_accounts as changes
  join read_back on read_back.row_no = changes.seq
  where changes.plan_id = 'plan_00'
)
select
  'LTV__c' as field,
  count(case when action_ltv__c = 'set' and not coalesce(case when back_ltv__c like '%.%' then rtrim(rtrim(back_ltv__c, '0'), '.') else back_ltv__c end = case when cast(desired_ltv__c as varchar) like '%.%' then rtrim(rtrim(cast(desired_ltv__c as varchar), '0'), '.') else cast(desired_ltv__c as varchar) end, false) then 1 end) as differing,
  count(case when action_ltv__c = 'set' and not coalesce(case when back_ltv__c like '%.%' then rtrim(rtrim(back_ltv__c, '0'), '.') else back_ltv__c end = case when cast(desired_ltv__c as varchar) like '%.%' then rtrim(rtrim(cast(desired_ltv__c as varchar), '0'), '.') else cast(desired_ltv__c as varchar) end or (try_cast(back_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 0) or try_cast(back_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 1) or try_cast(back_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 2) or try_cast(back_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 3) or try_cast(back_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 4) or try_cast(back_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 5) or try_cast(back_ltv__c as decimal(38, 10)) = round(cast(desired_ltv__c as decimal(38, 10)), 6)), false) or action_ltv__c = 'clear' and not (not coalesce(regexp_matches(back_ltv__c, '[^\t-\r ]'), false)) then 1 end) as wrong
from met

union all
select
  'Product_Usage_Segment__c' as field,
  count(case when action_product_usage_segment__c = 'set' and not coalesce(trim(back_product_usage_segment__c) = trim(desired_product_usage_segment__c), false) then 1 end) as differing,
  count(case when action_product_usage_segment__c = 'set' and not coalesce(trim(back_product_usage_segment__c) = trim(desired_product_usage_segment__c) or translate(lower(back_product_usage_segment__c), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_product_usage_segment__c), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) or action_product_usage_segment__c = 'clear' and not (not coalesce(regexp_matches(back_product_usage_segment__c, '[^\t-\r ]'), false)) then 1 end) as wrong
from met

union all
select
  'Risk_Score__c' as field,
  count(case when action_risk_score__c = 'set' and not coalesce(case when back_risk_score__c like '%.%' then rtrim(rtrim(back_risk_score__c, '0'), '.') else back_risk_score__c end = case when cast(desired_risk_score__c as varchar) like '%.%' then rtrim(rtrim(cast(desired_risk_score__c as varchar), '0'), '.') else cast(desired_risk_score__c as varchar) end, false) then 1 end) as differing,
  count(case when action_risk_score__c = 'set' and not coalesce(case when back_risk_score__c like '%.%' then rtrim(rtrim(back_risk_score__c, '0'), '.') else back_risk_score__c end = case when cast(desired_risk_score__c as varchar) like '%.%' then rtrim(rtrim(cast(desired_risk_score__c as varchar), '0'), '.') else cast(desired_risk_score__c as varchar) end or (try_cast(back_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 0) or try_cast(back_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 1) or try_cast(back_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 2) or try_cast(back_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 3) or try_cast(back_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 4) or try_cast(back_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 5) or try_cast(back_risk_score__c as decimal(38, 10)) = round(cast(desired_risk_score__c as decimal(38, 10)), 6)), false) or action_risk_score__c = 'clear' and not (not coalesce(regexp_matches(back_risk_score__c, '[^\t-\r ]'), false)) then 1 end) as wrong
from met

union all
select
  'Name' as field,
  count(case when action_name = 'set' and not coalesce(trim(back_name) = trim(desired_name), false) then 1 end) as differing,
  count(case when action_name = 'set' and not coalesce(trim(back_name) = trim(desired_name) or translate(lower(back_name), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_name), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) or action_name = 'clear' and not (not coalesce(regexp_matches(back_name, '[^\t-\r ]'), false)) then 1 end) as wrong
from met

union all
select cast(null as varchar), 0, 0 from met where 1 = 0
