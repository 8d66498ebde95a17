-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- Key hash and fingerprint are over raw columns: nothing is trimmed or standardised for rows that did not change.

select
  nullif(trim("customer_id"), '') as row_key,
  hash_record_extended(row("customer_id"), 0) as key_hash,
  hash_record_extended(row(cast('261714586f1f5dba' as varchar(16)), "domain", "plan", "health_score", "intent_segment", (is_active)), 0) as fingerprint,
  "customer_id",
  "domain",
  "plan",
  "health_score",
  "intent_segment",
  (is_active) as passes_active_only
from backfeed.crm_companies
