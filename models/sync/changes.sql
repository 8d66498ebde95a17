-- Grain: one candidate key, the rows to send first. Key: seq (dense; 1..n are sent in this order), change_id.
-- `body` is the fragment of the request, byte for byte what is sent.
{{ config(materialized='table') }}
with bodies as (
  select
    decisions.*,
    {{ destination.body('decisions') }} as payload
  from {{ sync.work.decisions }} as decisions
),
gated as (
  select
    bodies.*,
    {# The hash leaves out the change id, which names the place in this plan and not what is written. -#}
    {{ sql.md5('payload') }} as payload_hash
  from bodies
),
held_back as (
  select
    gated.*,
    case
      {# The request may still be on its way. That the CRM holds what is wanted proves something only for the row that was sent. -#}
      when last_disposition = 'unknown' and next_attempt_at > {{ run.now }} and (decision = 'send' or decision = 'noop' and {{ sql.is_distinct('fingerprint', 'sent_fingerprint') }}) then 'held'
      when decision <> 'send' then decision
      when last_disposition = 'rejected' and payload_hash = last_payload_hash and last_mapping_hash = {{ sql.text_literal(sync.mapping_hash) }} and next_attempt_at > {{ run.now }} then 'held'
      else decision
    end as final_decision
  from gated
),
placed as (
  select
    held_back.*,
    {{ policies.parent() }} as parent,
    row_number() over (order by case when final_decision = 'send' then 0 else 1 end{% if sync.parent %}, {{ policies.parent() }}{% endif %}, row_key) as seq
  from held_back
)
select
  seq,
  {{ sql.text_literal(run.plan_id) }} as plan_id,
  {{ sql.text_literal(run.trace ~ '-') }} || {{ sql.cast('seq', {kind: 'text'}) }} as change_id,
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,
  final_decision as decision,
  case when final_decision = decision then reason when last_disposition = 'unknown' then 'outcome_unknown' else 'rejected_unchanged' end as reason,
  crm_id,
  match_hash,
  parent,
  case when final_decision = 'send' then 'rest' end as transport,
  case when final_decision = 'send' then {{ policies.batch_of('seq') }} end as batch_no,
  case when final_decision = 'send' then {{ destination.framed("payload", sql.text_literal(run.trace ~ '-') ~ ' || ' ~ sql.cast('seq', {kind: 'text'})) }} end as body,
  payload_hash,
  next_attempt_at
{{- policies.change_fields() }}

from placed
