-- Grain: one run or plan of one sync. Key: run_id.
with last_events as (
  select run_id, event, detail, logged_at, row_number() over (partition by run_id order by chain_no desc) as place
  from backfeed.sync_run_event
  where event <> 'recorded'
),
outcomes as (
  select
    plan_id,
    count(case when outcome = 'succeeded' then 1 end) as succeeded,
    count(case when outcome = 'rejected' then 1 end) as rejected,
    count(case when outcome = 'retryable' then 1 end) as retryable,
    count(case when outcome = 'unknown' then 1 end) as unknown,
    count(case when outcome = 'succeeded' and created then 1 end) as created
  from backfeed_audit.last_outcomes
  group by plan_id
),
approved as (
  select plan_id, min(approver) as approved_by from backfeed.sync_approval group by plan_id
)
select
  r.run_id,
  r.invocation_id,
  r.sync_name,
  r.kind,
  coalesce(r.purpose, 'sync') as purpose,
  coalesce(e.event, 'started') as status,
  r.target,
  r.connection,
  r.destination,
  r.object,
  r.org_id,
  r.org_env,
  r.epoch,
  r.plan_id,
  r.run_key,
  r.actor,
  r.git_sha,
  r.tool_version,
  r.config_hash,
  r.mapping_hash,
  r.started_at,
  e.logged_at as ended_at,
  p.source_rows,
  p.unchanged_rows,
  p.planned_rows,
  p.held_rows,
  p.quarantined_rows,
  p.creates as planned_creates,
  p.updates as planned_updates,
  p.clears as planned_clears,
  p.write_calls as planned_write_calls,
  p.allow_reason,
  coalesce(o.succeeded, 0) as succeeded,
  coalesce(o.rejected, 0) as rejected,
  coalesce(o.retryable, 0) as retryable,
  coalesce(o.unknown, 0) as unknown,
  coalesce(o.created, 0) as created,
  p.source_plan_id,
  a.approved_by
from backfeed.sync_run as r
left join last_events as e on e.run_id = r.run_id and e.place = 1
left join backfeed.sync_plan as p on p.plan_id = r.plan_id
left join outcomes as o on o.plan_id = r.plan_id
left join approved as a on a.plan_id = p.source_plan_id
