-- INV-12 Only what was planned was sent
-- Every send belongs to a planned row and carried exactly its payload.
with results as (
{{ checks.results() }}
)
select r.sync_name, r.started_at as found_at, {{ checks.row_of('sent') }} || case when planned.row_no is null then ' was not planned' when planned.decision <> 'send' then ' was not to be sent' else ' was sent with another payload' end as finding
from results as sent
join {{ run.ledger.sync_run }} as r on r.run_id = sent.run_id
left join {{ run.ledger.sync_plan_row }} as planned on planned.plan_id = sent.plan_id and planned.row_no = sent.row_no
where sent.send_seq is not null and (planned.row_no is null or planned.decision <> 'send' or {{ sql.is_distinct('planned.payload_hash', 'sent.payload_hash') }})
