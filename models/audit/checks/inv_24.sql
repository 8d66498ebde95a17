-- INV-24 No outcome stays unknown for a day
-- What may have been applied is read back by the next run, or by `backfeed reconcile`.
select p.sync_name, o.logged_at as found_at, {{ checks.row_of('o') }} || ' is unknown since more than 24 hours' as finding
from {{ run.audit.last_outcomes }} as o
join {{ run.ledger.sync_plan }} as p on p.plan_id = o.plan_id
where o.outcome = 'unknown' and o.logged_at < {{ sql.seconds_from_now(-86400) }}
  and not exists (
    select 1
    from {{ run.ledger.sync_plan_row }} as later_row
    join {{ run.ledger.sync_plan }} as later on later.plan_id = later_row.plan_id
    join {{ run.ledger.sync_run }} as r on r.plan_id = later.plan_id
    where later_row.row_key = o.row_key and later.sync_name = p.sync_name and later.org_id = p.org_id and later.plan_serial > p.plan_serial
      and {{ checks.has_begun('r') }} and later_row.decision <> 'kept' and not (later_row.decision = 'held' and coalesce(later_row.reason, '') = 'outcome_unknown')
  )
