-- Grain: one row of the source that must be looked at again, or one key that left the source. Key: none (duplicates stay visible).
-- One pass: source and state meet on the hash of the raw key; what did not change drops out before anything is standardised.
-- State's fingerprint says the rest: null is a row that is still open, 0 one that had already left. A new mapping changes every
-- fingerprint, so that all rows are looked at once more.
{{ config(materialized='table') }}
select
  case when source_rows.fingerprint is not null then {{ policies.key_text(sync.source_key) }} end as row_key,
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
where {% if run.whole %}source_rows.fingerprint is not null or {% endif %}{{ sql.is_distinct('source_rows.fingerprint', 'state.fingerprint') }}
  and (source_rows.fingerprint is not null or {{ sql.is_distinct('state.fingerprint', '0') }})
  or source_rows.fingerprint is null and state.fingerprint is null
