-- Grain: one planned row whose last outcome is unknown. Key: plan_id, row_no. Once settled, its request can no longer be on its way.

with open_keys as (
  select row_key, crm_id, case when next_attempt_at is null or next_attempt_at <= cast('2000-01-01T00:00:00.000' as timestamp) then 1 else 0 end as is_settled
  from backfeed.state_salesforce_contacts
  where disposition = 'unknown'
),
results as (
  select result.plan_id, result.row_no, result.outcome, result.epoch,
    row_number() over (partition by result.plan_id, result.row_no order by result.epoch desc, result.seq desc) as place
  from backfeed.sync_result as result
  join open_keys on open_keys.row_key = result.row_key
  where result.resolves_epoch <= result.epoch
)
select
  planned.plan_id,
  planned.row_no,
  planned.row_key,
  planned.op,
  planned.batch_no,
  planned.payload_hash,
  planned.fingerprint,
  planned.match_value,
  runs.run_id,
  runs.epoch as run_epoch,
  open_keys.crm_id,
  open_keys.is_settled,
  row_number() over (partition by planned.row_key order by runs.epoch desc) as recency
from backfeed.sync_plan_row as planned
join results on results.plan_id = planned.plan_id and results.row_no = planned.row_no and results.place = 1 and results.outcome = 'unknown'
join backfeed.sync_run as runs on runs.plan_id = planned.plan_id and runs.kind = 'run' and runs.sync_name = 'salesforce_contacts' and runs.org_id = 'org_00'
join open_keys on open_keys.row_key = planned.row_key
where planned.decision = 'send' and planned.match_value is not null
