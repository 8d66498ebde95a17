-- INV-23 A plan is applied once
-- No two runs that write name the same plan.
select sync_name, max(started_at) as found_at, plan_id || ' was applied by ' || {{ sql.cast('count(distinct run_id)', {kind: 'text'}) }} || ' runs' as finding
from {{ run.ledger.sync_run }} as r
where {{ checks.writes('r') }} and plan_id is not null
group by sync_name, plan_id
having count(distinct run_id) > 1
