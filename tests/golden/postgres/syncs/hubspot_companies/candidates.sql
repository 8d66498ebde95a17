-- Grain: one row of the source that must be looked at again, or one key that left the source. Key: none (duplicates stay visible).
-- One pass: source and state meet on the key hash; what did not change drops out before anything is standardised.

select
  coalesce(source_rows.row_key, state.row_key) as row_key,
  coalesce(source_rows.key_hash, state.key_hash) as key_hash,
  source_rows.fingerprint as fingerprint,
  source_rows.fingerprint is null as is_gone,
  source_rows."domain",
  source_rows."plan",
  source_rows."health_score",
  source_rows."intent_segment",
  source_rows.passes_active_only
from backfeed.source_hubspot_companies as source_rows
full join backfeed.state_hubspot_companies as state on source_rows.key_hash = state.key_hash
where state.key_hash is null
  or source_rows.fingerprint is null and state.disposition <> 'removed'
  or source_rows.fingerprint is not null and (
    source_rows.fingerprint <> state.fingerprint
    or state.fingerprint is null
    or state.is_open
    or state.mapping_hash <> 'ba4a2207e2dca6ac'
  )
