-- Grain: one candidate key present in the source (rows without a key are gathered in one). Key: row_key.
-- Cast, standardised and put through the null policy; rows that share a key are represented by one and quarantined later.

with ranked_candidates as (
  select candidates.*, row_number() over (partition by row_key order by fingerprint) as place, count(*) over (partition by row_key) as candidate_rows
  from backfeed.candidates_salesforce_accounts as candidates
  where not is_gone
),
standardized_rows as (
  select
    row_key,
    key_hash,
    fingerprint,
    candidate_rows,
    "customer_id" as "customer_id",
    "ltv" as "ltv",
    "usage_segment" as "usage_segment",
    "risk_score" as "risk_score",
    "company_name" as "company_name",
    passes_active_only
  from ranked_candidates
  where place = 1
)
select
  row_key,
  key_hash,
  fingerprint,
  candidate_rows,
  nullif(trim("customer_id"), '') as match_value,
  "customer_id",
  "ltv",
  "usage_segment",
  "risk_score",
  "company_name",
  passes_active_only,
  "ltv" as desired_ltv__c,
  nullif(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from "usage_segment"), '') as desired_product_usage_segment__c,
  "risk_score" as desired_risk_score__c,
  nullif(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from "company_name"), '') as desired_name
from standardized_rows
