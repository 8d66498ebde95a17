-- Grain: one row with a field that waits for a person: first contact with other data, or changed on both sides. Key: seq, row_key.
-- The live value becomes the acknowledged one, so that the next plan shows what would change from there. Nothing is sent.
{{ config(materialized='replacement', of=sync.work.changes) }}
with waiting as (
  select
    changes.*
{%- for field in sync.fields %},
    case when action_{{ field.slug }} in ('held', 'conflict') and {{ fold.base_value(field, 'live_' ~ field.slug) }} is not null then 'base' else 'none' end as next_{{ field.slug }}
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
{{ policies.unsent_changes('adopted') }}
from adopted
