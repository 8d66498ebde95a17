-- Grain: one candidate key present in the source (rows without a key are gathered in one). Key: row_key.
-- Cast, standardised and put through the null policy; rows that share a key are represented by one and quarantined later.

with ranked_candidates as (
  select candidates.*, row_number() over (partition by row_key order by fingerprint) as place, count(*) over (partition by row_key) as candidate_rows
  from backfeed.candidates_salesforce_contacts as candidates
  where not is_gone
),
standardized_rows as (
  select
    row_key,
    key_hash,
    fingerprint,
    candidate_rows,
    "contact_key" as "contact_key",
    lower(case when regexp_matches("email", '^[!-~](?s:.*)[!-~]$') then "email" else trim("email", chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160) || chr(173) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8234) || chr(8235) || chr(8236) || chr(8237) || chr(8238) || chr(8239) || chr(8287) || chr(8288) || chr(12288) || chr(65279) || ' ') end) as "email",
    "ml_lead_score" as "ml_lead_score",
    "usage_segment" as "usage_segment"
  from ranked_candidates
  where place = 1
)
select
  row_key,
  key_hash,
  fingerprint,
  candidate_rows,
  nullif(trim("email"), '') as match_value,
  "contact_key",
  "email",
  "ml_lead_score",
  "usage_segment",
  "ml_lead_score" as desired_lead_score__c,
  nullif(case when regexp_matches("usage_segment", '^[!-~](?s:.*)[!-~]$') then "usage_segment" else trim("usage_segment", chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ') end, '') as desired_product_usage_segment__c
from standardized_rows
