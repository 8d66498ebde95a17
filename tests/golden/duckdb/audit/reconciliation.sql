-- Grain: one thing that does not add up. Empty when all is well. Key: check_name, run_id.
with ended_runs as (
  select runs.* from backfeed_audit.runs as runs where kind = 'run' and status in ('succeeded', 'partial', 'failed', 'interrupted', 'crashed')
),
planned as (
  select plan_id, count(*) as plan_rows, count(case when decision = 'send' then 1 end) as send_rows, count(case when decision = 'held' then 1 end) as held_rows
  from backfeed.sync_plan_row
  group by plan_id
)
select 'planned rows have an outcome' as check_name, r.run_id, r.sync_name, p.send_rows as expected, r.succeeded + r.rejected + r.retryable + r.unknown as found
from ended_runs as r
join planned as p on p.plan_id = r.plan_id
where r.planned_rows is not null and p.send_rows <> r.succeeded + r.rejected + r.retryable + r.unknown

union all
select 'planned is send plus held', r.run_id, r.sync_name, r.planned_rows, p.send_rows + p.held_rows
from ended_runs as r
join planned as p on p.plan_id = r.plan_id
where r.planned_rows <> p.send_rows + p.held_rows

union all
select 'results belong to planned rows', o.run_id, r.sync_name, 0, count(*)
from backfeed_audit.last_outcomes as o
join backfeed.sync_run as r on r.run_id = o.run_id
left join backfeed.sync_plan_row as planned_row on planned_row.plan_id = o.plan_id and planned_row.row_no = o.row_no and planned_row.decision = 'send' and planned_row.payload_hash = o.payload_hash
where planned_row.plan_id is null
group by o.run_id, r.sync_name

union all
select 'every send has an earlier intent', o.run_id, r.sync_name, 0, count(*)
from backfeed_audit.last_outcomes as o
join backfeed.sync_run as r on r.run_id = o.run_id
left join backfeed.sync_intent as i on i.plan_id = o.plan_id and i.epoch = o.epoch and o.batch_no between i.batch_from and i.batch_to and i.seq < o.send_seq
where o.send_seq is not null and i.plan_id is null
group by o.run_id, r.sync_name
