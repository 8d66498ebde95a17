-- Grain: one sync on one target. Key: sync_name, target.
select
  sync_name,
  target,
  max(case when kind = 'run' and purpose in ('sync', 'apply') and status = 'succeeded' then ended_at end) as last_success_at,
  max(case when kind = 'run' and purpose in ('sync', 'apply') then started_at end) as last_run_at,
  max(started_at) as last_plan_at,
  {{ sql.count_where("kind = 'run' and purpose in ('sync', 'apply')") }} as runs,
  {{ sql.count_where("kind = 'run' and purpose in ('sync', 'apply') and status = 'succeeded'") }} as runs_succeeded
from {{ run.audit.runs }}
group by sync_name, target
