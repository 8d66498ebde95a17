-- INV-14 No run did more than was approved
-- What a run sent stays within the limits recorded in the header of its plan.
with sent_rows as (
  select plan_id, {{ sql.count_where("op = 'create'") }} as creates, {{ sql.count_where("op = 'update'") }} as updates, {{ sql.count_where("op = 'delete'") }} as deletes
  from {{ run.ledger.sync_plan_row }}
  where decision = 'send'
  group by plan_id
),
sent_fields as (
  select f.plan_id, {{ sql.count_where("f.action = 'clear'") }} as clears
  from {{ run.ledger.sync_plan_field }} as f
  join {{ run.ledger.sync_plan_row }} as planned on planned.plan_id = f.plan_id and planned.row_no = f.row_no and planned.decision = 'send'
  group by f.plan_id
)
select r.sync_name, r.started_at as found_at, p.plan_id || ' did more than its approved creates, updates, clears or deletes' as finding
from {{ run.ledger.sync_plan }} as p
join {{ run.ledger.sync_run }} as r on r.plan_id = p.plan_id
join sent_rows on sent_rows.plan_id = p.plan_id
left join sent_fields on sent_fields.plan_id = p.plan_id
where {{ checks.has_begun('r') }}
  and (sent_rows.creates > p.approved_creates or sent_rows.updates > p.approved_updates or sent_rows.deletes > p.approved_deletes or coalesce(sent_fields.clears, 0) > p.approved_clears)
