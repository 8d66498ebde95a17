-- Grain: one sync on one target. Key: sync_name, target.
with last_pauses as (
  select sync_name, target, event, reason, actor, logged_at, row_number() over (partition by sync_name, target order by pause_no desc, event) as place
  from backfeed.sync_pause
)
select
  r.sync_name,
  r.target,
  max(case when kind = 'run' and purpose in ('sync', 'apply') and status = 'succeeded' then ended_at end) as last_success_at,
  max(case when kind = 'run' and purpose in ('sync', 'apply') then started_at end) as last_run_at,
  max(started_at) as last_plan_at,
  count(case when kind = 'run' and purpose in ('sync', 'apply') then 1 end) as runs,
  count(case when kind = 'run' and purpose in ('sync', 'apply') and status = 'succeeded' then 1 end) as runs_succeeded,
  max(p.logged_at) as paused_at,
  max(p.actor) as paused_by,
  max(p.reason) as pause_reason
from backfeed_audit.runs as r
left join last_pauses as p on p.sync_name = r.sync_name and p.target = r.target and p.place = 1 and p.event = 'paused'
group by r.sync_name, r.target
