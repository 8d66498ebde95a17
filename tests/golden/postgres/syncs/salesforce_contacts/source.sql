-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- The fingerprint covers the raw columns a sync uses, so that nothing is standardised for rows that did not change.

select
  nullif(trim("contact_key"), '') as row_key,
  hashtextextended(nullif(trim("contact_key"), ''), 0) as key_hash,
  hash_record_extended(row("email", "ml_lead_score", "usage_segment"), 0) as fingerprint,
  "email",
  "ml_lead_score",
  "usage_segment"
from backfeed.crm_contacts
