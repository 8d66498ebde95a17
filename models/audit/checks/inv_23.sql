-- INV-23 A plan is applied once
-- No two runs that write name the same plan.
select sync_name, max(started_at) as found_at, plan_id || ' was applied by ' || {{ sql.cast('count(distinct run_id)', {kind: 'text'}) }} || ' runs' as finding
from {{ run.ledger.sync_run }} as r
where {{ checks.writes('r') }} and plan_id is not null
group by sync_name, plan_id
having count(distinct run_id) > 1

union all
select max(r.sync_name), max(r.started_at), p.source_plan_id || ', a saved plan, was applied by ' || {{ sql.cast('count(distinct p.run_id)', {kind: 'text'}) }} || ' runs'
from {{ run.ledger.sync_plan }} as p
join {{ run.ledger.sync_run }} as r on r.run_id = p.run_id
where p.source_plan_id is not null and r.purpose = 'apply' and r.kind = 'run'
group by p.source_plan_id
having count(distinct p.run_id) > 1
