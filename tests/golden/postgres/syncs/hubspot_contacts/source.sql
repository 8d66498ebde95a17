-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- Key hash and fingerprint are over raw columns: nothing is trimmed or standardised for rows that did not change.

select
  nullif(trim("contact_key"), '') as row_key,
  hash_record_extended(row("contact_key"), 0) as key_hash,
  hash_record_extended(row(cast('52bd7bf7413be132' as varchar(16)), "email", "plan", "health_score", "intent_segment", "contact_key", "first_name", "last_name", "phone"), 0) as fingerprint,
  "contact_key",
  "email",
  "plan",
  "health_score",
  "intent_segment",
  "first_name",
  "last_name",
  "phone"
from backfeed.crm_contacts
