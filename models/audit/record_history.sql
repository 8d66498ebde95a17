-- Grain: one thing that happened to one key: a field that was planned, a quarantine that opened or closed, a primary key that became another. Key: none; order by happened_at.
select sync_name, row_key, crm_id, planned_at as happened_at, run_id, kind as run_kind, 'field' as kind, field as subject, action, before_value, after_value, outcome, reason, actor
from {{ run.audit.field_changes }}

union all
select q.sync_name, q.row_key, {{ sql.null_of('text') }}, q.logged_at, p.run_id, r.kind, 'quarantine', q.rule, q.event, {{ sql.null_of('text') }}, {{ sql.null_of('text') }}, q.code, q.message, r.actor
from {{ run.ledger.sync_quarantine_event }} as q
left join {{ run.ledger.sync_plan }} as p on p.plan_id = q.plan_id
left join {{ run.ledger.sync_run }} as r on r.run_id = p.run_id

union all
select r.sync_name, renamed.row_key, renamed.crm_id, r.started_at, r.run_id, r.kind, 'key', 'primary key', case renamed.decision when 'removed' then 'ended' else 'taken over' end,
  case when renamed.decision <> 'removed' then other.row_key end, case when renamed.decision = 'removed' then other.row_key end, {{ sql.null_of('text') }}, renamed.reason, r.actor
from {{ run.ledger.sync_plan_row }} as renamed
join {{ run.ledger.sync_plan }} as p on p.plan_id = renamed.plan_id
join {{ run.ledger.sync_run }} as r on r.run_id = p.run_id and r.kind = 'run'
left join {{ run.ledger.sync_plan_row }} as other on other.plan_id = renamed.plan_id and other.crm_id = renamed.crm_id and other.decision <> renamed.decision
where renamed.reason = 'rekeyed'
