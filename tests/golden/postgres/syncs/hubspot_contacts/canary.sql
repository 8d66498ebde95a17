-- Grain: one field of the rows that were sent first and read back. Key: field. Built once per run, after its first window.
-- `differing`: stored otherwise than sent; `wrong`: and not merely in another form.

with read_back as (
  select
    row_no,
    max(case when field = 'plan' then value end) as back_plan,
    max(case when field = 'health_score' then value end) as back_health_score,
    max(case when field = 'intent_segment' then value end) as back_intent_segment,
    max(case when field = 'person_key' then value end) as back_person_key,
    max(case when field = 'firstname' then value end) as back_firstname,
    max(case when field = 'lastname' then value end) as back_lastname,
    max(case when field = 'phone' then value end) as back_phone
  from backfeed.stored_hubspot_contacts
  where plan_id = 'plan_00' and source = 'canary'
  group by row_no
),
met as (
  select changes.*, read_back.*
  from backfeed.changes_hubspot_contacts as changes
  join read_back on read_back.row_no = changes.seq
  where changes.plan_id = 'plan_00'
)
select
  'plan' as field,
  count(case when action_plan = 'set' and not coalesce(trim(back_plan) = trim(desired_plan), false) then 1 end) as differing,
  count(case when action_plan = 'set' and not coalesce(trim(back_plan) = trim(desired_plan) or translate(lower(back_plan), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_plan), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) or action_plan = 'clear' and not (coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from back_plan), '') = '') then 1 end) as wrong
from met

union all
select
  'health_score' as field,
  count(case when action_health_score = 'set' and not coalesce(case when back_health_score like '%.%' then rtrim(rtrim(back_health_score, '0'), '.') else back_health_score end = case when cast(desired_health_score as text) like '%.%' then rtrim(rtrim(cast(desired_health_score as text), '0'), '.') else cast(desired_health_score as text) end, false) then 1 end) as differing,
  count(case when action_health_score = 'set' and not coalesce(case when back_health_score like '%.%' then rtrim(rtrim(back_health_score, '0'), '.') else back_health_score end = case when cast(desired_health_score as text) like '%.%' then rtrim(rtrim(cast(desired_health_score as text), '0'), '.') else cast(desired_health_score as text) end or (cast((case when back_health_score ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(back_health_score as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 0) or cast((case when back_health_score ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(back_health_score as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 1) or cast((case when back_health_score ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(back_health_score as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 2) or cast((case when back_health_score ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(back_health_score as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 3) or cast((case when back_health_score ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(back_health_score as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 4) or cast((case when back_health_score ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(back_health_score as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 5) or cast((case when back_health_score ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(back_health_score as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 6)), false) or action_health_score = 'clear' and not (coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from back_health_score), '') = '') then 1 end) as wrong
from met

union all
select
  'intent_segment' as field,
  count(case when action_intent_segment = 'set' and not coalesce(trim(back_intent_segment) = trim(desired_intent_segment), false) then 1 end) as differing,
  count(case when action_intent_segment = 'set' and not coalesce(trim(back_intent_segment) = trim(desired_intent_segment) or translate(lower(back_intent_segment), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_intent_segment), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) or action_intent_segment = 'clear' and not (coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from back_intent_segment), '') = '') then 1 end) as wrong
from met

union all
select
  'person_key' as field,
  count(case when action_person_key = 'set' and not coalesce(trim(back_person_key) = trim(desired_person_key), false) then 1 end) as differing,
  count(case when action_person_key = 'set' and not coalesce(trim(back_person_key) = trim(desired_person_key) or translate(lower(back_person_key), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_person_key), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) or action_person_key = 'clear' and not (coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from back_person_key), '') = '') then 1 end) as wrong
from met

union all
select
  'firstname' as field,
  count(case when action_firstname = 'set' and not coalesce(trim(back_firstname) = trim(desired_firstname), false) then 1 end) as differing,
  count(case when action_firstname = 'set' and not coalesce(trim(back_firstname) = trim(desired_firstname) or translate(lower(back_firstname), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_firstname), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) or action_firstname = 'clear' and not (coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from back_firstname), '') = '') then 1 end) as wrong
from met

union all
select
  'lastname' as field,
  count(case when action_lastname = 'set' and not coalesce(trim(back_lastname) = trim(desired_lastname), false) then 1 end) as differing,
  count(case when action_lastname = 'set' and not coalesce(trim(back_lastname) = trim(desired_lastname) or translate(lower(back_lastname), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_lastname), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) or action_lastname = 'clear' and not (coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from back_lastname), '') = '') then 1 end) as wrong
from met

union all
select
  'phone' as field,
  count(case when action_phone = 'set' and not coalesce(trim(back_phone) = trim(desired_phone), false) then 1 end) as differing,
  count(case when action_phone = 'set' and not coalesce(trim(back_phone) = trim(desired_phone) or translate(lower(back_phone), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_phone), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false) or action_phone = 'clear' and not (coalesce(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from back_phone), '') = '') then 1 end) as wrong
from met

union all
select cast(null as text), 0, 0 from met where 1 = 0
