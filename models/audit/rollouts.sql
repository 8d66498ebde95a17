-- Grain: one time a rollout moved, or was told to stay. Key: sync_name, target, org_id, epoch, seq.
select sync_name, target, org_id, phase, event, reason, actor, git_sha, run_id, epoch, seq, logged_at as moved_at
from {{ run.ledger.sync_rollout }}
