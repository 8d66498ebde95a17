-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- The fingerprint covers the raw columns a sync uses, so that nothing is standardised for rows that did not change.

select
  nullif(trim("customer_id"), '') as row_key,
  hashtextextended(nullif(trim("customer_id"), ''), 0) as key_hash,
  hash_record_extended(row("domain", "plan", "health_score", "intent_segment", (is_active)), 0) as fingerprint,
  "domain",
  "plan",
  "health_score",
  "intent_segment",
  (is_active) as passes_active_only
from backfeed.crm_companies
