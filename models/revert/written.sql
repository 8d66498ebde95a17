-- Grain: one row that the reverted run wrote, or may have written, as far as it is asked for. Key: row_key. From the log alone.
-- Per field: what the run did (wrote), what it sent, the before-image in the field's own type (restore), and why it cannot be put back (obstacle).
{{ config(materialized='table') }}
with outcomes as (
  {{ fold.last_outcomes(run.source_plan_id) }}
),
images as (
  select
    row_no,
    max(case when field not in ({{ sql.text_list(run.revert.mapped) }}) then 1 else 0 end) as has_unmapped
{%- for field in sync.fields %},
    max(case when field = {{ sql.text_literal(field.to) }} then action end) as wrote_{{ field.slug }},
    max(case when field = {{ sql.text_literal(field.to) }} then before_value end) as before_{{ field.slug }},
    max(case when field = {{ sql.text_literal(field.to) }} then before_hash end) as before_hash_{{ field.slug }},
    max(case when field = {{ sql.text_literal(field.to) }} then desired_value end) as sent_text_{{ field.slug }},
    max(case when field = {{ sql.text_literal(field.to) }} then desired_hash end) as sent_hash_{{ field.slug }}
{%- endfor %}

  from {{ run.ledger.sync_plan_field }}
  where plan_id = {{ sql.text_literal(run.source_plan_id) }} and action in ('set', 'clear')
    and field in ({{ sql.text_list(run.revert.fields) }})
  group by row_no
),
typed as (
  select
    planned.row_key,
    {{ sql.cast('planned.key_hash', {kind: 'hash'}) }} as key_hash,
    coalesce(outcomes.crm_id, planned.crm_id) as crm_id,
    case
      when outcomes.outcome = 'unknown' then 'outcome_unknown'
      when planned.op = 'create' or outcomes.created then 'created'
      when coalesce(outcomes.crm_id, planned.crm_id) is null then 'record_unknown'
    end as why_row,
    images.*
{%- for field in sync.fields %},
    {{ restores.exact(field, 'images.before_' ~ field.slug) }} as exact_{{ field.slug }},
    {{ restores.exact(field, 'images.sent_text_' ~ field.slug) }} as sent_{{ field.slug }}
{%- endfor %}

  from {{ run.ledger.sync_plan_row }} as planned
  join outcomes on outcomes.row_no = planned.row_no
  join images on images.row_no = planned.row_no
  where planned.plan_id = {{ sql.text_literal(run.source_plan_id) }} and planned.decision = 'send' and planned.row_key is not null
    and outcomes.outcome in ('succeeded', 'unknown')
{%- if run.revert.has_keys %}
    and planned.row_key in (select row_key from {{ sync.work.wanted_keys }})
{%- endif %}
),
restorable as (
  select
    typed.*
{%- for field in sync.fields %},
    case when not ({{ sql.is_blank('before_' ~ field.slug) }}) then exact_{{ field.slug }} end as restore_{{ field.slug }}
{%- endfor %}

  from typed
)
select
  row_key,
  key_hash,
  crm_id,
  why_row,
  has_unmapped
{%- for field in sync.fields %},
  wrote_{{ field.slug }},
  sent_{{ field.slug }},
  restore_{{ field.slug }},
  {{ restores.obstacle(field) }} as obstacle_{{ field.slug }}
{%- endfor %}

from restorable
