-- INV-13 A field is cleared only where its null policy allows it
-- With `ignore` or `reject` a null never erases anything. A revert erases what was blank before the run it undoes.
select r.sync_name, r.started_at as found_at, {{ checks.row_of('f') }} || ' clears field ' || f.field as finding
from {{ run.ledger.sync_plan_field }} as f
join {{ run.ledger.sync_run }} as r on r.plan_id = f.plan_id
where f.action = 'clear' and f.null_policy in ('ignore', 'reject') and coalesce(r.purpose, '') <> 'revert'
