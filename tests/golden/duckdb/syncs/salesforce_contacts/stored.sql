-- Grain: one field of one row that the CRM stores in another form than it was sent. Appended with the fold of its plan.

with stored_cells as (
  select row_no, field, max(value) as value, max(source) as source
  from backfeed.stored_salesforce_contacts
  where plan_id = 'plan_00' and value is not null
  group by row_no, field
)
select changes.plan_id, plans.run_id, 'org_00', 'salesforce_contacts', changes.seq, changes.row_key, stored_cells.field,
  stored_cells.value, case when stored_cells.value is not null then sha256('salt' || stored_cells.value) end, stored_cells.source, cast('2000-01-01T00:00:00.000' as timestamp)
from stored_cells
join backfeed.changes_salesforce_contacts as changes on changes.seq = stored_cells.row_no and changes.plan_id = 'plan_00'
join backfeed.sync_plan as plans on plans.plan_id = changes.plan_id
where stored_cells.field = 'Lead_Score__c' and action_lead_score__c = 'set'
  and not coalesce(case when stored_cells.value like '%.%' then rtrim(rtrim(stored_cells.value, '0'), '.') else stored_cells.value end = case when cast(desired_lead_score__c as varchar) like '%.%' then rtrim(rtrim(cast(desired_lead_score__c as varchar), '0'), '.') else cast(desired_lead_score__c as varchar) end, false) and coalesce((try_cast(stored_cells.value as decimal(38, 10)) = round(cast(desired_lead_score__c as decimal(38, 10)), 0) or try_cast(stored_cells.value as decimal(38, 10)) = round(cast(desired_lead_score__c as decimal(38, 10)), 1) or try_cast(stored_cells.value as decimal(38, 10)) = round(cast(desired_lead_score__c as decimal(38, 10)), 2) or try_cast(stored_cells.value as decimal(38, 10)) = round(cast(desired_lead_score__c as decimal(38, 10)), 3) or try_cast(stored_cells.value as decimal(38, 10)) = round(cast(desired_lead_score__c as decimal(38, 10)), 4) or try_cast(stored_cells.value as decimal(38, 10)) = round(cast(desired_lead_score__c as decimal(38, 10)), 5) or try_cast(stored_cells.value as decimal(38, 10)) = round(cast(desired_lead_score__c as decimal(38, 10)), 6)), false)

union all
select changes.plan_id, plans.run_id, 'org_00', 'salesforce_contacts', changes.seq, changes.row_key, stored_cells.field,
  stored_cells.value, case when stored_cells.value is not null then sha256('salt' || stored_cells.value) end, stored_cells.source, cast('2000-01-01T00:00:00.000' as timestamp)
from stored_cells
join backfeed.changes_salesforce_contacts as changes on changes.seq = stored_cells.row_no and changes.plan_id = 'plan_00'
join backfeed.sync_plan as plans on plans.plan_id = changes.plan_id
where stored_cells.field = 'Product_Usage_Segment__c' and action_product_usage_segment__c = 'set'
  and not coalesce(trim(stored_cells.value) = trim(desired_product_usage_segment__c), false) and coalesce(translate(lower(stored_cells.value), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', '') = translate(lower(desired_product_usage_segment__c), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ', ''), false)

union all
select cast(null as varchar), cast(null as varchar), cast(null as varchar), cast(null as varchar), 0, cast(null as varchar), cast(null as varchar), cast(null as varchar), cast(null as varchar), cast(null as varchar), cast('2000-01-01T00:00:00.000' as timestamp)
from stored_cells
where 1 = 0
