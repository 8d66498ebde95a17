-- INV-05 Planned is what came of it
-- Of every run that ended, the header of the plan counts its rows, and each row to send has exactly one last outcome.
with ended_plans as (
{{ checks.ended_plans() }}
),
counted as (
  select planned.plan_id, {{ sql.count_where("planned.decision = 'send'") }} as send_rows, {{ sql.count_where("planned.decision in ('send', 'held')") }} as planned_rows, {{ sql.count_where("planned.decision = 'send' and o.row_no is not null") }} as settled_rows
  from {{ run.ledger.sync_plan_row }} as planned
  left join {{ run.audit.last_outcomes }} as o on o.plan_id = planned.plan_id and o.row_no = planned.row_no
  group by planned.plan_id
)
select ended_plans.sync_name, ended_plans.started_at as found_at, ended_plans.plan_id || ': ' || {{ sql.cast('p.send_rows', {kind: 'text'}) }} || ' rows to send, ' || {{ sql.cast('coalesce(counted.settled_rows, 0)', {kind: 'text'}) }} || ' outcomes' as finding
from ended_plans
join {{ run.ledger.sync_plan }} as p on p.plan_id = ended_plans.plan_id
left join counted on counted.plan_id = ended_plans.plan_id
where p.send_rows <> coalesce(counted.send_rows, 0) or p.planned_rows <> coalesce(counted.planned_rows, 0) or p.send_rows <> coalesce(counted.settled_rows, 0)
