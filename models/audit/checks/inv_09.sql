-- INV-09 An epoch belongs to one run
-- Two runs in one epoch mean that both held the lease.
select sync_name, max(started_at) as found_at, 'epoch ' || {{ sql.cast('epoch', {kind: 'text'}) }} || ' was used by ' || {{ sql.cast('count(distinct run_id)', {kind: 'text'}) }} || ' runs' as finding
from {{ run.ledger.sync_run }}
where epoch is not null
group by sync_name, org_id, epoch
having count(distinct run_id) > 1
