-- Grain: one planned row with at least one result. Key: plan_id, row_no. The highest epoch and seq win; a repeated append counts once.
with single_results as (
  select result.*, row_number() over (partition by event_id order by logged_at) as copy_no
  from backfeed.sync_result as result
),
ranked_results as (
  select single_results.*, row_number() over (partition by plan_id, row_no order by epoch desc, seq desc) as place
  from single_results
  where copy_no = 1 and resolves_epoch <= epoch
)
select plan_id, row_no, run_id, row_key, epoch, seq, attempt, outcome, crm_id, created, code, message, field, http_status, request_id, batch_no, payload_hash, send_seq, sent_at, logged_at
from ranked_results
where place = 1
