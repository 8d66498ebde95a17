-- Grain: one row of the model. Key: none here; keys are checked later, and only for candidates.
-- Key hash and fingerprint are over raw columns: nothing is trimmed or standardised for rows that did not change.

select
  nullif(trim("customer_id"), '') as row_key,
  hash_record_extended(row("customer_id"), 0) as key_hash,
  hash_record_extended(row(cast('9e8bced20a6a1fd4' as varchar(16)), "customer_id", "ltv", "usage_segment", "risk_score", "company_name", (is_active)), 0) as fingerprint,
  "customer_id",
  "ltv",
  "usage_segment",
  "risk_score",
  "company_name",
  (is_active) as passes_active_only
from backfeed.crm_accounts
