-- Grain: one sync on one target. Key: sync_name, target.
select
  sync_name,
  target,
  max(case when kind = 'run' and purpose in ('sync', 'apply') and status = 'succeeded' then ended_at end) as last_success_at,
  max(case when kind = 'run' and purpose in ('sync', 'apply') then started_at end) as last_run_at,
  max(started_at) as last_plan_at,
  count(case when kind = 'run' and purpose in ('sync', 'apply') then 1 end) as runs,
  count(case when kind = 'run' and purpose in ('sync', 'apply') and status = 'succeeded' then 1 end) as runs_succeeded
from backfeed_audit.runs
group by sync_name, target
