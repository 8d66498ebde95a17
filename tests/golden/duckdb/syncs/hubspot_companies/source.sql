-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- Key hash and fingerprint are over raw columns: nothing is trimmed or standardised for rows that did not change.

select
  nullif(case when starts_with("customer_id", ' ') or ends_with("customer_id", ' ') then trim("customer_id") else "customer_id" end, '') as row_key,
  hash("customer_id") as key_hash,
  hash(cast('261714586f1f5dba' as varchar(16)), "domain", "plan", "health_score", "intent_segment", (is_active)) as fingerprint,
  "customer_id",
  "domain",
  "plan",
  "health_score",
  "intent_segment",
  (is_active) as passes_active_only
from backfeed.crm_companies
