-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- The fingerprint covers the raw columns a sync uses, so that nothing is standardised for rows that did not change.

select
  nullif(trim("contact_key"), '') as row_key,
  hash(nullif(trim("contact_key"), '')) as key_hash,
  hash("email", "plan", "health_score", "intent_segment", "contact_key", "first_name", "last_name", "phone") as fingerprint,
  "email",
  "plan",
  "health_score",
  "intent_segment",
  "contact_key",
  "first_name",
  "last_name",
  "phone"
from backfeed.crm_contacts
