-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- The fingerprint covers the raw columns a sync uses, so that nothing is standardised for rows that did not change.

select
  nullif(trim("contact_key"), '') as row_key,
  hashtextextended(nullif(trim("contact_key"), ''), 0) as key_hash,
  hash_record_extended(row("email", "plan", "health_score", "intent_segment", "contact_key", "first_name", "last_name", "phone"), 0) as fingerprint,
  "email",
  "plan",
  "health_score",
  "intent_segment",
  "contact_key",
  "first_name",
  "last_name",
  "phone"
from backfeed.crm_contacts
