-- INV-10 Nothing settles what was announced later
-- A result never answers an intent of a newer epoch than its own.
with results as (
{{ checks.results() }}
)
select r.sync_name, answer.logged_at as found_at, {{ checks.row_of('answer') }} || ' was settled from epoch ' || {{ sql.cast('answer.epoch', {kind: 'text'}) }} as finding
from results as answer
left join {{ run.ledger.sync_run }} as r on r.run_id = answer.run_id
where answer.resolves_epoch > answer.epoch
