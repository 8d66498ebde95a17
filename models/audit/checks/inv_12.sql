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

union all
select r.sync_name, r.started_at, {{ checks.row_of('applied') }} || ' is not in the saved plan that was applied, or not with this payload'
from {{ run.ledger.sync_plan_row }} as applied
join {{ run.ledger.sync_plan }} as p on p.plan_id = applied.plan_id and p.source_plan_id is not null
join {{ run.ledger.sync_run }} as r on r.run_id = p.run_id and r.purpose = 'apply'
left join {{ run.ledger.sync_plan_row }} as saved on saved.plan_id = p.source_plan_id and saved.row_key = applied.row_key and saved.decision = 'send' and saved.payload_hash = applied.payload_hash
where applied.decision = 'send' and saved.plan_id is null
