-- Grain: one row with a field that waits for a person: first contact with other data, or changed on both sides. Key: seq, row_key.
-- The live value becomes the acknowledged one, so that the next plan shows what would change from there. Nothing is sent.
{{ config(materialized='replacement', of=sync.work.changes) }}
with waiting as (
  select
    changes.*
{%- for field in sync.fields %},
    case when action_{{ field.slug }} in ('held', 'conflict') and {{ policies.base_value(field, 'live_' ~ field.slug) }} is not null then 'base' else 'none' end as next_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.changes }} as changes
  where op = 'update'
{%- if run.keys.length > 0 %}
    and row_key in ({% for key in run.keys %}{{ sql.text_literal(key) }}{{ ', ' if not loop.last }}{% endfor %})
{%- endif %}
),
adopted as (
  select *
  from waiting
  where {% for field in sync.fields %}next_{{ field.slug }} = 'base' or {% endfor %}false
)
select
  row_number() over (order by row_key) as seq,
  plan_id,
  change_id,
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,
  'noop' as decision,
  'adopted' as reason,
  crm_id,
  match_hash,
  parent,
  {{ sql.null_of('text') }} as transport,
  {{ sql.null_of('bigint') }} as batch_no,
  {{ sql.null_of('text') }} as body,
  payload_hash,
  next_attempt_at
{%- for field in sync.fields %},
  next_{{ field.slug }} as action_{{ field.slug }},
  desired_{{ field.slug }},
  live_{{ field.slug }},
  known_{{ field.slug }},
  unsettled_{{ field.slug }},
  acked_{{ field.slug }}
{%- endfor %}

from adopted
