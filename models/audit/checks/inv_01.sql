-- INV-01 One key has one record made by us
-- A key with two created records is a duplicate in the CRM. What a removal deleted may be made anew when the row comes back.
with deleted as (
  select r.sync_name, r.org_id, row_log.crm_id
  from {{ run.ledger.sync_plan_row }} as row_log
  join {{ run.ledger.sync_run }} as r on r.plan_id = row_log.plan_id
  left join {{ run.audit.last_outcomes }} as o on o.plan_id = row_log.plan_id and o.row_no = row_log.row_no
  where row_log.op = 'delete' and o.outcome = 'succeeded' or row_log.reason = 'record_deleted'
)
select sync_name, max(logged_at) as found_at, 'key ' || row_key || ' has ' || {{ sql.cast('count(distinct crm_id)', {kind: 'text'}) }} || ' created records' as finding
from {{ run.ledger.sync_identity }} as made
where how = 'created'
  and not exists (select 1 from deleted where deleted.sync_name = made.sync_name and deleted.org_id = made.org_id and deleted.crm_id = made.crm_id)
group by sync_name, org_id, object, row_key
having count(distinct crm_id) > 1
