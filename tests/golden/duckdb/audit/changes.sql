-- Grain: one planned row of one run and one attempt at it; a row that was not sent has attempt null. Key: run_id, row_no, attempt, logged_at.
select
  r.run_id,
  r.sync_name,
  r.kind,
  planned.plan_id,
  planned.row_no,
  planned.row_key,
  planned.op,
  planned.decision,
  planned.reason,
  coalesce(result.crm_id, planned.crm_id) as crm_id,
  result.attempt,
  result.outcome,
  result.created,
  result.code,
  result.message,
  result.field,
  result.http_status,
  result.request_id,
  planned.batch_no,
  planned.change_id,
  planned.payload_hash,
  result.sent_at,
  result.logged_at,
  r.started_at as planned_at
from backfeed.sync_plan_row as planned
join backfeed.sync_plan as p on p.plan_id = planned.plan_id
join backfeed.sync_run as r on r.plan_id = p.plan_id
left join backfeed.sync_result as result on result.plan_id = planned.plan_id and result.row_no = planned.row_no
