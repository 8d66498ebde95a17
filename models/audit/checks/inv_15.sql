-- INV-15 Only the expected organisation was written to
-- A run that sent something reached the organisation, and the kind of organisation, that its connection pins.
select r.sync_name, r.started_at as found_at, r.run_id || ' wrote to ' || r.org_id || ' (' || coalesce(r.org_env, 'unknown') || ')' as finding
from {{ run.ledger.sync_run }} as r
where {{ checks.has_begun('r') }}
  and (
    r.org_id <> r.pinned_org_id and not (r.org_id like '00D%' and substr(r.org_id, 1, 15) = substr(r.pinned_org_id, 1, 15))
    or r.pinned_env = 'production' and r.org_env <> 'production'
    or r.pinned_env = 'sandbox' and r.org_env = 'production'
  )
