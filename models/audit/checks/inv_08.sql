-- INV-08 Nothing was sent after the lease's deadline
-- A runner that could not confirm its lease stops; both times are of its own clock.
with results as (
{{ checks.results() }}
)
select r.sync_name, sent.sent_at as found_at, {{ checks.row_of('sent') }} || ' was sent after the deadline' as finding
from results as sent
join {{ run.ledger.sync_run }} as r on r.run_id = sent.run_id
where sent.sent_at > sent.lease_deadline
