-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- Key hash and fingerprint are over raw columns: nothing is trimmed or standardised for rows that did not change.

select
  nullif(case when starts_with("contact_key", ' ') or ends_with("contact_key", ' ') then trim("contact_key") else "contact_key" end, '') as row_key,
  hash("contact_key") as key_hash,
  hash(cast('fe0abfce2dbf72a4' as varchar(16)), "email", "ml_lead_score", "usage_segment") as fingerprint,
  "contact_key",
  "email",
  "ml_lead_score",
  "usage_segment"
from backfeed.crm_contacts
