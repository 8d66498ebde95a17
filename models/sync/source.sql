-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- Key hash and fingerprint are over raw columns: nothing is trimmed or standardised for rows that did not change.
{{ config(materialized='view') }}
select
  {{ policies.key_text(sync.key) }} as row_key,
  {{ sql.key_hash(sync.key_names) }} as key_hash,
  {{ rollout.fingerprint() }} as fingerprint
{%- if sync.rollout %},
  {{ rollout.holds_row() }} as in_rollout
{%- endif %}
{%- for column in sync.columns %},
  {{ column.name }}
{%- endfor %}
{%- for expression in sync.expressions %},
  ({{ expression.sql }}) as passes_{{ expression.slug }}
{%- endfor %}

from {{ sync.relation }}
