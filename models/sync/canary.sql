-- Grain: one field of the rows that were sent first and read back. Key: field. Built once per run, after its first window.
-- `differing`: stored otherwise than sent; `wrong`: and not merely in another form.
{{ config(materialized='table') }}
with read_back as (
  select
    row_no
{%- for field in sync.fields %},
    max(case when field = {{ sql.text_literal(field.to) }} then value end) as back_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.stored }}
  where plan_id = {{ sql.text_literal(run.plan_id) }} and source = 'canary'
  group by row_no
),
met as (
  select changes.*, read_back.*
  from {{ sync.work.changes }} as changes
  join read_back on read_back.row_no = changes.seq
  where changes.plan_id = {{ sql.text_literal(run.plan_id) }}
)
{%- for field in sync.fields %}
{%- if field.in_body and not field.opaque %}

select
  {{ sql.text_literal(field.to) }} as field,
  {{ sql.count_where("action_" ~ field.slug ~ " = 'set' and not coalesce(" ~ policies.same_value(field, 'desired_' ~ field.slug, 'back_' ~ field.slug) ~ ", false)") }} as differing,
  {{ sql.count_where("action_" ~ field.slug ~ " = 'set' and not coalesce(" ~ policies.same_value(field, 'desired_' ~ field.slug, 'back_' ~ field.slug) ~ " or " ~ policies.same_in_another_form(field, 'desired_' ~ field.slug, 'back_' ~ field.slug) ~ ", false) or action_" ~ field.slug ~ " = 'clear' and not (" ~ sql.is_blank('back_' ~ field.slug) ~ ")") }} as wrong
from met

union all
{%- endif %}
{%- endfor %}

select {{ sql.null_of('text') }}, 0, 0 from met where 1 = 0
