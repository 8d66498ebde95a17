-- Grain: one sync on one target. Key: sync_name, target.
with last_pauses as (
  select sync_name, target, event, reason, actor, logged_at, row_number() over (partition by sync_name, target order by pause_no desc, event) as place
  from {{ run.ledger.sync_pause }}
),
last_runs as (
  select sync_name, target, org_id, rollout_phase, row_number() over (partition by sync_name, target order by started_at desc) as place
  from {{ run.audit.runs }}
),
last_moves as (
  select sync_name, target, org_id, phase, row_number() over (partition by sync_name, target, org_id order by epoch desc, seq desc) as place
  from {{ run.audit.rollouts }}
),
phases as (
  select last_runs.sync_name, last_runs.target, case when last_runs.rollout_phase is not null then coalesce(last_moves.phase, last_runs.rollout_phase) end as rollout_phase
  from last_runs
  left join last_moves on last_moves.sync_name = last_runs.sync_name and last_moves.target = last_runs.target and last_moves.org_id = last_runs.org_id and last_moves.place = 1
  where last_runs.place = 1
)
select
  r.sync_name,
  r.target,
  max(case when kind = 'run' and purpose in ('sync', 'apply') and status = 'succeeded' then ended_at end) as last_success_at,
  max(case when kind = 'run' and purpose in ('sync', 'apply') then started_at end) as last_run_at,
  max(started_at) as last_plan_at,
  {{ sql.count_where("kind = 'run' and purpose in ('sync', 'apply')") }} as runs,
  {{ sql.count_where("kind = 'run' and purpose in ('sync', 'apply') and status = 'succeeded'") }} as runs_succeeded,
  max(p.logged_at) as paused_at,
  max(p.actor) as paused_by,
  max(p.reason) as pause_reason,
  max(phases.rollout_phase) as rollout_phase
from {{ run.audit.runs }} as r
left join last_pauses as p on p.sync_name = r.sync_name and p.target = r.target and p.place = 1 and p.event = 'paused'
left join phases on phases.sync_name = r.sync_name and phases.target = r.target
group by r.sync_name, r.target
