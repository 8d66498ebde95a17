-- INV-21 The chain of events is unbroken
-- Within a run no event is missing, and its first event follows one of an earlier run of the sync. `audit verify` recomputes the hashes.
with links as (
  select r.sync_name, r.org_id, r.epoch as run_epoch, e.run_id, e.chain_no, e.prev_hash, e.hash, e.logged_at,
    lag(e.hash) over (partition by e.run_id order by e.chain_no) as hash_before,
    lag(e.chain_no) over (partition by e.run_id order by e.chain_no) as no_before
  from {{ run.ledger.sync_run_event }} as e
  left join {{ run.ledger.sync_run }} as r on r.run_id = e.run_id
)
select sync_name, logged_at as found_at, run_id || ': event ' || {{ sql.cast('chain_no', {kind: 'text'}) }} || ' does not follow the one before' as finding
from links
where no_before is null and chain_no <> 1 or no_before is not null and (no_before + 1 <> chain_no or {{ sql.is_distinct('hash_before', 'prev_hash') }})

union all
select links.sync_name, links.logged_at, links.run_id || ': the run before it is gone'
from links
left join links as earlier on earlier.sync_name = links.sync_name and earlier.org_id = links.org_id and earlier.run_epoch < links.run_epoch and earlier.hash = links.prev_hash
where links.chain_no = 1 and coalesce(links.prev_hash, '') <> '' and earlier.run_id is null
