-- INV-18 Only own records are deleted
-- A delete touches a record that the sync created or adopted.
with results as (
{{ checks.results() }}
)
select r.sync_name, r.started_at as found_at, {{ checks.row_of('sent') }} || ' deleted a record that is not the own' as finding
from results as sent
join {{ run.ledger.sync_run }} as r on r.run_id = sent.run_id
join {{ run.ledger.sync_plan_row }} as planned on planned.plan_id = sent.plan_id and planned.row_no = sent.row_no and planned.op = 'delete'
left join {{ run.ledger.sync_identity }} as own on own.crm_id = sent.crm_id and own.sync_name = r.sync_name and own.org_id = r.org_id and own.how in ('created', 'adopted')
where sent.send_seq is not null and own.crm_id is null
