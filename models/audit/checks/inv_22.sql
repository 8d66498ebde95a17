-- INV-22 One key of an orchestrator, one applied run
-- A `--run-key` that ended well is never applied again.
select r.sync_name, max(r.started_at) as found_at, 'run key ' || r.run_key || ' was applied by ' || {{ sql.cast('count(distinct r.run_id)', {kind: 'text'}) }} || ' runs' as finding
from {{ run.ledger.sync_run }} as r
join {{ run.ledger.sync_run_event }} as e on e.run_id = r.run_id and e.event = 'succeeded'
where {{ checks.writes('r') }} and r.run_key is not null
group by r.run_key, r.sync_name, r.org_id, r.target
having count(distinct r.run_id) > 1
