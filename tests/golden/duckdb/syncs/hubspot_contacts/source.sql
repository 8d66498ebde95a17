-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- Key hash and fingerprint are over raw columns: nothing is trimmed or standardised for rows that did not change.

select
  nullif(case when starts_with("contact_key", ' ') or ends_with("contact_key", ' ') then trim("contact_key") else "contact_key" end, '') as row_key,
  hash("contact_key") as key_hash,
  hash(cast('52bd7bf7413be132' as varchar(16)), "email", "plan", "health_score", "intent_segment", "contact_key", "first_name", "last_name", "phone") as fingerprint,
  "contact_key",
  "email",
  "plan",
  "health_score",
  "intent_segment",
  "first_name",
  "last_name",
  "phone"
from backfeed.crm_contacts
