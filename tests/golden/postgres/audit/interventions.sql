-- Grain: one time that somebody stopped a sync, let it run again, or took the lease of a dead run away. Key: kind, intervention_no, sync_name, target.
select
  case event when 'paused' then 'pause' else 'resume' end as kind,
  pause_no as intervention_no,
  sync_name,
  target,
  org_id,
  reason,
  run_id,
  actor,
  git_sha,
  logged_at
from backfeed.sync_pause

union all
select 'unlock', epoch, sync_name, target, org_id, reason, run_id, actor, git_sha, logged_at
from backfeed.sync_unlock
