-- INV-16 Every update has its before-image
-- A record was read before it was changed or deleted, and the plan says field by field what was to change.
with results as (
{{ checks.results() }}
)
select r.sync_name, r.started_at as found_at, {{ checks.row_of('sent') }} || ' has no before-image' as finding
from results as sent
join {{ run.ledger.sync_run }} as r on r.run_id = sent.run_id
join {{ run.ledger.sync_plan_row }} as planned on planned.plan_id = sent.plan_id and planned.row_no = sent.row_no
where sent.send_seq is not null and planned.op in ('update', 'delete') and coalesce(planned.before_captured, false) = false

union all
select r.sync_name, r.started_at, {{ checks.row_of('planned') }} || ' is an update without a field'
from {{ run.ledger.sync_plan_row }} as planned
join {{ run.ledger.sync_run }} as r on r.plan_id = planned.plan_id
left join {{ run.ledger.sync_plan_field }} as f on f.plan_id = planned.plan_id and f.row_no = planned.row_no and f.action in ('set', 'clear')
where {{ checks.has_begun('r') }} and planned.decision = 'send' and planned.op = 'update' and f.plan_id is null
