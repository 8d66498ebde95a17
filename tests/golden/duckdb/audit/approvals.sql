-- Grain: one approval of the plan of one sync. Key: plan_id, approver.
select
  a.sync_name,
  a.target,
  a.org_id,
  a.plan_id,
  a.planner,
  s.logged_at as planned_at,
  s.expires_at,
  a.approver,
  a.self_approved,
  a.reason,
  a.git_sha,
  a.logged_at as approved_at,
  p.run_id as applied_by_run_id,
  p.created_at as applied_at,
  a.file_digest
from backfeed.sync_approval as a
left join backfeed.sync_saved_plan as s on s.file_digest = a.file_digest and s.plan_id = a.plan_id
left join backfeed.sync_plan as p on p.source_plan_id = a.plan_id
