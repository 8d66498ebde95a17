-- Grain: one row of the saved plan that is applied. Key: row_key. Every row is decided anew; it is sent only where that comes to the very
-- change that was planned, on the record and over the values that were planned. So a plan shrinks and never grows. Rows that were right
-- already, or gone from the model, and still are, come along: state learns it, nothing is sent.
{{ config(materialized='view', as='decisions') }}
with planned_rows as (
  select row_key, decision, op, crm_id, payload_hash
  from {{ run.ledger.sync_plan_row }}
  where plan_id = {{ sql.text_literal(run.source_plan_id) }} and decision in ('send', 'noop', 'removed')
),
planned_fields as (
  select
    row_key
{%- for field in sync.fields %},
    max(case when field = {{ sql.text_literal(field.to) }} then 1 else 0 end) as writes_{{ field.slug }},
    max(case when field = {{ sql.text_literal(field.to) }} then before_hash end) as before_{{ field.slug }}
{%- endfor %}

  from {{ run.ledger.sync_plan_field }}
  where plan_id = {{ sql.text_literal(run.source_plan_id) }} and action in ('set', 'clear')
  group by row_key
),
met_again as (
  select
    met.*,
    {{ destination.body('met') }} as payload,
    planned_rows.decision as planned_decision,
    planned_rows.payload_hash as planned_payload_hash,
    {{ sql.is_distinct('met.op', 'planned_rows.op') }} or {{ sql.is_distinct('met.crm_id', 'planned_rows.crm_id') }}
{%- for field in sync.fields %}
      or planned_fields.writes_{{ field.slug }} = 1 and {{ sql.is_distinct('planned_fields.before_' ~ field.slug, policies.audit_hash('met.live_' ~ field.slug)) }}
{%- endfor %} as has_drifted
  from {{ sync.work.met }} as met
  join planned_rows on planned_rows.row_key = met.row_key
  left join planned_fields on planned_fields.row_key = met.row_key
)
select
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,
{%- if sync.match.has_aliases %}
  by_alias,
{%- endif %}
{% if sync.association %}
  target_id,
{% endif %}
  case
    when planned_decision <> 'send' then decision
    when not coalesce(has_drifted, false) and decision = 'send' and {{ sql.md5('payload') }} = planned_payload_hash then 'send'
    else 'held'
  end as decision,
  case
    when planned_decision <> 'send' then reason
    when coalesce(has_drifted, false) then 'drifted_since_plan'
    when decision = 'send' and {{ sql.md5('payload') }} = planned_payload_hash then reason
    else 'changed_since_plan'
  end as reason,
  crm_id,
  match_hash,
  sent_fingerprint,
  last_disposition,
  last_payload_hash,
  last_mapping_hash,
  next_attempt_at
{{- policies.change_fields() }}

from met_again
where planned_decision = 'send' or decision = planned_decision
