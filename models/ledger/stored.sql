-- Grain: one field of one row that the CRM stores in another form than it was sent. Appended with the fold of its plan.
{{ config(materialized='append', into=run.ledger.sync_stored, columns=['plan_id', 'run_id', 'org_id', 'sync_name', 'row_no', 'row_key', 'field', 'stored_value', 'stored_hash', 'source', 'logged_at']) }}
with stored_cells as (
  select row_no, field, max(value) as value, max(source) as source
  from {{ sync.work.stored }}
  where plan_id = {{ sql.text_literal(run.plan_id) }} and value is not null
  group by row_no, field
)
{%- for field in sync.fields %}
{%- if not field.opaque %}

select changes.plan_id, plans.run_id, {{ sql.text_literal(run.org_id) }}, {{ sql.text_literal(sync.name) }}, changes.seq, changes.row_key, stored_cells.field,
  {{ policies.audit_value('stored_cells.value', field.keep) }}, {{ policies.audit_hash('stored_cells.value') }}, stored_cells.source, {{ run.now }}
from stored_cells
join {{ sync.work.changes }} as changes on changes.seq = stored_cells.row_no and changes.plan_id = {{ sql.text_literal(run.plan_id) }}
join {{ run.ledger.sync_plan }} as plans on plans.plan_id = changes.plan_id
where stored_cells.field = {{ sql.text_literal(field.to) }} and action_{{ field.slug }} = 'set'
  and {{ policies.in_another_form(field, 'desired_' ~ field.slug, 'stored_cells.value') }}

union all
{%- endif %}
{%- endfor %}

select {% for name in ['plan_id', 'run_id', 'org_id', 'sync_name'] %}{{ sql.null_of('text') }}, {% endfor %}0, {% for name in ['row_key', 'field', 'value', 'hash', 'source'] %}{{ sql.null_of('text') }}, {% endfor %}{{ run.now }}
from stored_cells
where 1 = 0
