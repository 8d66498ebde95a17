-- Grain: one row of the source that must be looked at again, or one key that left the source. Key: none (duplicates stay visible).
-- One pass: source and state meet on the hash of the raw key; what did not change drops out before anything is standardised.
-- State's fingerprint says the rest: null is a row that is still open, 0 one that had already left. A new mapping changes every
-- fingerprint, so that all rows are looked at once more.

select
  case when source_rows.fingerprint is not null then nullif(trim(source_rows."contact_key"), '') end as row_key,
  coalesce(source_rows.key_hash, state.key_hash) as key_hash,
  source_rows.fingerprint as fingerprint,
  source_rows.fingerprint is null as is_gone,
  source_rows."contact_key",
  source_rows."email",
  source_rows."plan",
  source_rows."health_score",
  source_rows."intent_segment",
  source_rows."first_name",
  source_rows."last_name",
  source_rows."phone"
from backfeed.source_hubspot_contacts as source_rows
full join backfeed.state_hubspot_contacts as state on source_rows.key_hash = state.key_hash
where source_rows.fingerprint is distinct from state.fingerprint
  and (source_rows.fingerprint is not null or state.fingerprint is distinct from 0)
  or source_rows.fingerprint is null and state.fingerprint is null
