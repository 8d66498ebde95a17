-- Grain: one field of one row that the CRM stores in another form than it was sent. Appended with the fold of its plan.

with stored_cells as (
  select row_no, field, max(value) as value, max(source) as source
  from backfeed.stored_hubspot_companies
  where plan_id = 'plan_00' and value is not null
  group by row_no, field
)
select changes.plan_id, plans.run_id, 'org_00', 'hubspot_companies', changes.seq, changes.row_key, stored_cells.field,
  stored_cells.value, case when stored_cells.value is not null then encode(sha256(convert_to('salt' || stored_cells.value, 'UTF8')), 'hex') end, stored_cells.source, cast('2000-01-01T00:00:00.000' as timestamp)
from stored_cells
join backfeed.changes_hubspot_companies as changes on changes.seq = stored_cells.row_no and changes.plan_id = 'plan_00'
join backfeed.sync_plan as plans on plans.plan_id = changes.plan_id
where stored_cells.field = 'plan' and action_plan = 'set'
  and not coalesce(trim(stored_cells.value) = trim(desired_plan), false) and coalesce(translate(lower(stored_cells.value), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_plan), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false)

union all
select changes.plan_id, plans.run_id, 'org_00', 'hubspot_companies', changes.seq, changes.row_key, stored_cells.field,
  stored_cells.value, case when stored_cells.value is not null then encode(sha256(convert_to('salt' || stored_cells.value, 'UTF8')), 'hex') end, stored_cells.source, cast('2000-01-01T00:00:00.000' as timestamp)
from stored_cells
join backfeed.changes_hubspot_companies as changes on changes.seq = stored_cells.row_no and changes.plan_id = 'plan_00'
join backfeed.sync_plan as plans on plans.plan_id = changes.plan_id
where stored_cells.field = 'health_score' and action_health_score = 'set'
  and not coalesce(case when stored_cells.value like '%.%' then rtrim(rtrim(stored_cells.value, '0'), '.') else stored_cells.value end = case when cast(desired_health_score as text) like '%.%' then rtrim(rtrim(cast(desired_health_score as text), '0'), '.') else cast(desired_health_score as text) end, false) and coalesce((cast((case when stored_cells.value ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(stored_cells.value as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 0) or cast((case when stored_cells.value ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(stored_cells.value as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 1) or cast((case when stored_cells.value ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(stored_cells.value as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 2) or cast((case when stored_cells.value ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(stored_cells.value as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 3) or cast((case when stored_cells.value ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(stored_cells.value as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 4) or cast((case when stored_cells.value ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(stored_cells.value as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 5) or cast((case when stored_cells.value ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast(stored_cells.value as numeric) end) as numeric(38, 10)) = round(cast(desired_health_score as numeric(38, 10)), 6)), false)

union all
select changes.plan_id, plans.run_id, 'org_00', 'hubspot_companies', changes.seq, changes.row_key, stored_cells.field,
  stored_cells.value, case when stored_cells.value is not null then encode(sha256(convert_to('salt' || stored_cells.value, 'UTF8')), 'hex') end, stored_cells.source, cast('2000-01-01T00:00:00.000' as timestamp)
from stored_cells
join backfeed.changes_hubspot_companies as changes on changes.seq = stored_cells.row_no and changes.plan_id = 'plan_00'
join backfeed.sync_plan as plans on plans.plan_id = changes.plan_id
where stored_cells.field = 'intent_segment' and action_intent_segment = 'set'
  and not coalesce(trim(stored_cells.value) = trim(desired_intent_segment), false) and coalesce(translate(lower(stored_cells.value), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_intent_segment), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false)

union all
select cast(null as text), cast(null as text), cast(null as text), cast(null as text), 0, cast(null as text), cast(null as text), cast(null as text), cast(null as text), cast(null as text), cast('2000-01-01T00:00:00.000' as timestamp)
from stored_cells
where 1 = 0
