-- Grain: one field of one planned row of one run. Key: run_id, row_no, field.
select
  r.run_id,
  r.sync_name,
  r.kind,
  r.object,
  planned.row_no,
  planned.row_key,
  coalesce(result.crm_id, planned.crm_id) as crm_id,
  f.field,
  f.action,
  f.before_value,
  'crm' as before_source,
  f.desired_value as after_value,
  f.base_value,
  f.base_known,
  f.crm_changed,
  f.before_hash,
  f.base_hash,
  f.desired_hash as after_hash,
  f.null_policy,
  f.owner,
  planned.decision,
  coalesce(f.reason, planned.reason) as reason,
  case when f.action in ('set', 'clear') and planned.decision = 'send' then coalesce(result.outcome, 'not sent') else 'not sent' end as outcome,
  r.actor,
  r.started_at as planned_at,
  result.sent_at
from backfeed.sync_plan_field as f
join backfeed.sync_plan_row as planned on planned.plan_id = f.plan_id and planned.row_no = f.row_no
join backfeed.sync_plan as p on p.plan_id = planned.plan_id
join backfeed.sync_run as r on r.plan_id = p.plan_id
left join backfeed_audit.last_outcomes as result on result.plan_id = planned.plan_id and result.row_no = planned.row_no
