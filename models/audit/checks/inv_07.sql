-- INV-07 Intent before effect
-- Every send lies in a window that was announced in the log first, in the same epoch.
with results as (
{{ checks.results() }}
)
select r.sync_name, r.started_at as found_at, {{ checks.row_of('sent') }} || ' was sent without an intent' as finding
from results as sent
join {{ run.ledger.sync_run }} as r on r.run_id = sent.run_id
left join {{ run.ledger.sync_plan_row }} as planned on planned.plan_id = sent.plan_id and planned.row_no = sent.row_no
left join {{ run.ledger.sync_intent }} as i on i.plan_id = sent.plan_id and i.run_id = sent.run_id and i.epoch = sent.epoch and planned.batch_no between i.batch_from and i.batch_to and i.seq < sent.send_seq
where sent.send_seq is not null and i.plan_id is null
