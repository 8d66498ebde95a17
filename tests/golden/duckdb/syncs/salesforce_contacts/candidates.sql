-- Grain: one row of the source that must be looked at again, or one key that left the source. Key: none (duplicates stay visible).
-- One pass: source and state meet on the hash of the raw key; what did not change drops out before anything is standardised.

select
  case when source_rows.fingerprint is null then state.row_key else nullif(case when starts_with(source_rows."contact_key", ' ') or ends_with(source_rows."contact_key", ' ') then trim(source_rows."contact_key") else source_rows."contact_key" end, '') end as row_key,
  coalesce(source_rows.key_hash, state.key_hash) as key_hash,
  source_rows.fingerprint as fingerprint,
  source_rows.fingerprint is null as is_gone,
  source_rows."contact_key",
  source_rows."email",
  source_rows."ml_lead_score",
  source_rows."usage_segment"
from backfeed.source_salesforce_contacts as source_rows
full join backfeed.state_salesforce_contacts as state on source_rows.key_hash = state.key_hash
where state.key_hash is null
  or source_rows.fingerprint is null and state.disposition <> 'removed'
  or source_rows.fingerprint is not null and (
    source_rows.fingerprint <> state.fingerprint
    or state.fingerprint is null
    or state.is_open
    or state.mapping_hash <> '600b6b6e4a1040a0'
  )
