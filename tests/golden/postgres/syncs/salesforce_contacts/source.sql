-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- Key hash and fingerprint are over raw columns: nothing is trimmed or standardised for rows that did not change.

select
  nullif(trim("contact_key"), '') as row_key,
  hash_record_extended(row("contact_key"), 0) as key_hash,
  hash_record_extended(row(cast('fe0abfce2dbf72a4' as varchar(16)), "email", "ml_lead_score", "usage_segment"), 0) as fingerprint,
  "contact_key",
  "email",
  "ml_lead_score",
  "usage_segment"
from backfeed.crm_contacts
