-- INV-04 A run that says succeeded forgot no row
-- Every row it planned to send has an outcome that is not unknown or still to do.
select r.sync_name, r.started_at as found_at, {{ checks.row_of('planned') }} || ' has outcome ' || coalesce(o.outcome, 'none') as finding
from {{ run.ledger.sync_run }} as r
join {{ run.ledger.sync_run_event }} as e on e.run_id = r.run_id and e.event = 'succeeded'
join {{ run.ledger.sync_plan_row }} as planned on planned.plan_id = r.plan_id and planned.decision = 'send'
left join {{ run.audit.last_outcomes }} as o on o.plan_id = planned.plan_id and o.row_no = planned.row_no
where {{ checks.writes('r') }} and coalesce(o.outcome, 'unknown') in ('unknown', 'retryable')
