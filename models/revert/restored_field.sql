-- Grain: one field of one row of a revert with something to say about it: what is put back, and what is left alone and why.
{{ config(materialized='append', into=run.ledger.sync_plan_field, columns=['plan_id', 'row_no', 'row_key', 'field', 'action', 'before_value', 'base_value', 'desired_value', 'before_hash', 'base_hash', 'desired_hash', 'base_known', 'crm_changed', 'null_policy', 'owner', 'reason']) }}
{%- for field in sync.fields %}
{%- set desired = sql.canonical('desired_' ~ field.slug, field.type) -%}
{%- set acked = sql.canonical(sql.cast('acked_' ~ field.slug, field.type), field.type) -%}
{%- set live = 'live_' ~ field.slug %}

select plan_id, seq, row_key, {{ sql.text_literal(field.to) }}, case when {{ restores.says_something(field) }} then action_{{ field.slug }} else 'kept' end,
  {{ policies.audit_value(live, field.keep) }}, {{ policies.audit_value(acked, field.keep) }}, case when action_{{ field.slug }} <> 'clear' then {{ policies.audit_value(desired, field.keep) }} end,
  {{ policies.audit_hash(live) }}, {{ policies.audit_hash(acked) }}, case when action_{{ field.slug }} <> 'clear' then {{ policies.audit_hash(desired) }} end,
  known_{{ field.slug }}, action_{{ field.slug }} = 'changed_since', {{ sql.text_literal(field.null_policy) }}, 'warehouse',
  case when not {{ restores.says_something(field) }} then action_{{ field.slug }} end
from {{ sync.work.changes }}
where action_{{ field.slug }} <> 'none'

union all
{%- endfor %}

select changes.plan_id, changes.seq, changes.row_key, earlier.field, 'kept',
  {{ sql.null_of('text') }}, {{ sql.null_of('text') }}, {{ sql.null_of('text') }}, {{ sql.null_of('text') }}, {{ sql.null_of('text') }}, {{ sql.null_of('text') }},
  false, false, earlier.null_policy, earlier.owner, 'not_mapped'
from {{ sync.work.changes }} as changes
join {{ run.ledger.sync_plan_field }} as earlier on earlier.row_key = changes.row_key
where earlier.plan_id = {{ sql.text_literal(run.source_plan_id) }} and earlier.action in ('set', 'clear') and changes.op = 'update'
  and earlier.field not in ({{ sql.text_list(run.revert.mapped) }})
  and earlier.field in ({{ sql.text_list(run.revert.fields) }})
