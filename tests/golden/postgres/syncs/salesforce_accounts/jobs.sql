-- Grain: as changes, which it takes the place of. Built only when more rows are to be sent than a job is worth.
-- A set of equal fields that is large enough goes by job, because the columns of a job's file hold for all of its rows; the
-- rest keeps the front places and goes by request. Places are given to narrow rows; the wide ones are joined to them.

with shaped as (
  select
    seq,
    decision,
    octet_length(body) as bytes,
    case when decision = 'send' and length(body) <= 100000 and replace(body, '"#N/A"', '') = body and replace(body, ':""', '') = body and replace(body, '\r', '') = body and replace(body, '\u0000', '') = body then case action_ltv__c when 'set' then 's' when 'clear' then 's' else '-' end || case action_product_usage_segment__c when 'set' then 's' when 'clear' then 's' else '-' end || case action_risk_score__c when 'set' then 's' when 'clear' then 's' else '-' end || case action_name when 'set' then 's' when 'clear' then 's' else '-' end || '' end as field_set
  from backfeed.changes_salesforce_accounts
),
counted as (
  select shaped.*, count(*) over (partition by field_set) as set_rows
  from shaped
),
chosen as (
  select
    counted.*,
    field_set is not null and set_rows > 2000 and seq > 25 as is_job
  from counted
),
routed as (
  select
    seq,
    decision,
    bytes,
    case when decision <> 'send' then 2 when is_job then 1 else 0 end as route,
    case when is_job then field_set else '' end as field_set
  from chosen
),
measured as (
  select
    routed.*,
    row_number() over (partition by route, field_set order by seq) as place,
    cast(sum(bytes) over (partition by route, field_set order by seq rows unbounded preceding) as bigint) as bytes_so_far
  from routed
),
cut as (
  select
    measured.*,
    case when route = 1 then greatest(((place - 1) / 100000), (bytes_so_far / 90000000)) else case when place <= 25 then 1 else ((place - 1 - 25) / 200) + 2 end end as piece
  from measured
),
numbered as (
  select
    seq as old_seq,
    row_number() over (order by route, field_set, seq) as new_seq,
    case route when 0 then 'rest' when 1 then 'bulk' end as transport,
    case when route < 2 then dense_rank() over (order by route, field_set, piece) end as batch_no
  from cut
)
select
  numbered.new_seq as seq,
  plan_id,
  '0000000000-' || cast(numbered.new_seq as text) as change_id,
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,
  decision,
  reason,
  crm_id,
  match_hash,
  parent,
  numbered.transport,
  numbered.batch_no,
  body,
  payload_hash,
  next_attempt_at,
  action_ltv__c,
  desired_ltv__c,
  live_ltv__c,
  known_ltv__c,
  unsettled_ltv__c,
  acked_ltv__c,
  action_product_usage_segment__c,
  desired_product_usage_segment__c,
  live_product_usage_segment__c,
  known_product_usage_segment__c,
  unsettled_product_usage_segment__c,
  acked_product_usage_segment__c,
  action_risk_score__c,
  desired_risk_score__c,
  live_risk_score__c,
  known_risk_score__c,
  unsettled_risk_score__c,
  acked_risk_score__c,
  action_name,
  desired_name,
  live_name,
  known_name,
  unsettled_name,
  acked_name

from backfeed.changes_salesforce_accounts as changes
join numbered on numbered.old_seq = changes.seq
order by numbered.new_seq
