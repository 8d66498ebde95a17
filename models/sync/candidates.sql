-- Grain: one row of the source that must be looked at again, or one key that left the source. Key: none (duplicates stay visible).
-- One pass: source and state meet on the hash of the raw key; what did not change drops out before anything is standardised.
{{ config(materialized='table') }}
select
  case when source_rows.fingerprint is null then state.row_key else {{ policies.key_text(sync.source_key) }} end as row_key,
  coalesce(source_rows.key_hash, state.key_hash) as key_hash,
  source_rows.fingerprint as fingerprint,
  source_rows.fingerprint is null as is_gone
{%- for column in sync.columns %},
  source_rows.{{ column.name }}
{%- endfor %}
{%- for expression in sync.expressions %},
  source_rows.passes_{{ expression.slug }}
{%- endfor %}

from {{ sync.work.source }} as source_rows
full join {{ sync.state }} as state on source_rows.key_hash = state.key_hash
where state.key_hash is null
  or source_rows.fingerprint is null and state.disposition <> 'removed'
  or source_rows.fingerprint is not null and (
    source_rows.fingerprint <> state.fingerprint
    or state.fingerprint is null
    or state.is_open
    or state.mapping_hash <> {{ sql.text_literal(sync.mapping_hash) }}
  )
