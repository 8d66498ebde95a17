-- Grain: one field of one planned row with something to say about it. What may be kept of a value is decided here, per field.
{{ config(materialized='append', into=run.ledger.sync_plan_field, columns=['plan_id', 'row_no', 'row_key', 'field', 'action', 'before_value', 'base_value', 'desired_value', 'before_hash', 'base_hash', 'desired_hash', 'base_known', 'crm_changed', 'null_policy', 'owner']) }}
{%- for field in sync.fields %}
{%- set desired = sql.canonical('desired_' ~ field.slug, field.type) -%}
{%- set acked = sql.canonical(sql.cast('acked_' ~ field.slug, field.type), field.type) -%}
{%- set live = 'live_' ~ field.slug %}

select plan_id, seq, row_key, {{ sql.text_literal(field.to) }}, action_{{ field.slug }},
  {{ policies.audit_value(live, field.keep) }}, {{ policies.audit_value(acked, field.keep) }}, case when action_{{ field.slug }} <> 'clear' then {{ policies.audit_value(desired, field.keep) }} end,
  {{ policies.audit_hash(live) }}, {{ policies.audit_hash(acked) }}, case when action_{{ field.slug }} <> 'clear' then {{ policies.audit_hash(desired) }} end,
  known_{{ field.slug }}, {{ policies.crm_changed(field) }}, {{ sql.text_literal(field.null_policy) }}, 'warehouse'
from {{ policies.changes_and_stored() }}
where action_{{ field.slug }} <> 'none'
{%- if not loop.last %}

union all
{%- endif %}
{%- endfor %}
