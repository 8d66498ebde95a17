-- Grain: one candidate key present in the source (rows without a key are gathered in one). Key: row_key.
-- Cast, standardised and put through the null policy; rows that share a key are represented by one and quarantined later.
{{ config(materialized='table') }}
with ranked_candidates as (
  select candidates.*, row_number() over (partition by row_key order by fingerprint) as place, count(*) over (partition by row_key) as candidate_rows
  from {{ sync.work.candidates }} as candidates
  where not is_gone
),
standardized_rows as (
  select
    row_key,
    key_hash,
    fingerprint,
    candidate_rows
{%- if sync.rollout %},
    in_rollout
{%- endif %}
{%- for column in sync.columns %},
    {{ policies.standardized(column) }} as {{ column.name }}
{%- endfor %}
{%- for expression in sync.expressions %},
    passes_{{ expression.slug }}
{%- endfor %}

  from ranked_candidates
  where place = 1
)
select
  row_key,
  key_hash,
  fingerprint,
  candidate_rows,
{% if sync.rollout %}
  in_rollout,
{% endif %}
  {{ policies.match_text(sync.match.column) }} as match_value
{%- for column in sync.columns %},
  {{ column.name }}
{%- endfor %}
{%- for expression in sync.expressions %},
  passes_{{ expression.slug }}
{%- endfor %}
{%- for field in sync.fields %}
{%- if policies.has_clear_mark(field) %},
  {{ policies.clear_mark(field) }} as clears_{{ field.slug }},
  case when not ({{ policies.clear_mark(field) }}) then {{ policies.desired(field) }} end as desired_{{ field.slug }}
{%- else %},
  {{ policies.desired(field) }} as desired_{{ field.slug }}
{%- endif %}
{%- endfor %}

from standardized_rows
