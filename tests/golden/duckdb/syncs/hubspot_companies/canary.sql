-- Grain: one field of the rows that were sent first and read back. Key: field. Built once per run, after its first window.
-- `differing`: stored otherwise than sent; `wrong`: and not merely in another form.

with read_back as (
  select
    row_no,
    max(case when field = 'plan' then value end) as back_plan,
    max(case when field = 'health_score' then value end) as back_health_score,
    max(case when field = 'intent_segment' then value end) as back_intent_segment
  from backfeed.stored_hubspot_companies
  where plan_id = 'plan_00' and source = 'canary'
  group by row_no
),
met as (
  select changes.*, read_back.*
  from backfeed.changes_hubspot_companies as changes
  join read_back on read_back.row_no = changes.seq
  where changes.plan_id = 'plan_00'
)
select
  'plan' as field,
  count(case when action_plan = 'set' and not coalesce(trim(back_plan) = trim(desired_plan), false) then 1 end) as differing,
  count(case when action_plan = 'set' and not coalesce(trim(back_plan) = trim(desired_plan) or translate(lower(back_plan), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_plan), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) or action_plan = 'clear' and not (not coalesce(regexp_matches(back_plan, '[^\t-\r ]'), false)) then 1 end) as wrong
from met

union all
select
  'health_score' as field,
  count(case when action_health_score = 'set' and not coalesce(case when back_health_score like '%.%' then rtrim(rtrim(back_health_score, '0'), '.') else back_health_score end = case when cast(desired_health_score as varchar) like '%.%' then rtrim(rtrim(cast(desired_health_score as varchar), '0'), '.') else cast(desired_health_score as varchar) end, false) then 1 end) as differing,
  count(case when action_health_score = 'set' and not coalesce(case when back_health_score like '%.%' then rtrim(rtrim(back_health_score, '0'), '.') else back_health_score end = case when cast(desired_health_score as varchar) like '%.%' then rtrim(rtrim(cast(desired_health_score as varchar), '0'), '.') else cast(desired_health_score as varchar) end or (try_cast(back_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 0) or try_cast(back_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 1) or try_cast(back_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 2) or try_cast(back_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 3) or try_cast(back_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 4) or try_cast(back_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 5) or try_cast(back_health_score as decimal(38, 10)) = round(cast(desired_health_score as decimal(38, 10)), 6)), false) or action_health_score = 'clear' and not (not coalesce(regexp_matches(back_health_score, '[^\t-\r ]'), false)) then 1 end) as wrong
from met

union all
select
  'intent_segment' as field,
  count(case when action_intent_segment = 'set' and not coalesce(trim(back_intent_segment) = trim(desired_intent_segment), false) then 1 end) as differing,
  count(case when action_intent_segment = 'set' and not coalesce(trim(back_intent_segment) = trim(desired_intent_segment) or translate(lower(back_intent_segment), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_intent_segment), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) or action_intent_segment = 'clear' and not (not coalesce(regexp_matches(back_intent_segment, '[^\t-\r ]'), false)) then 1 end) as wrong
from met

union all
select cast(null as varchar), 0, 0 from met where 1 = 0
