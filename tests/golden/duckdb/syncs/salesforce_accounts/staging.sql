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
),
intended_rows as (
  select
    standardized_rows.*,
    case
      when "ltv" is not null then 'set'
      else 'absent'
    end as intent_ltv__c,
    case
      when case when regexp_matches("usage_segment", '[^\t-\r ]') then "usage_segment" end is not null then 'set'
      else 'absent'
    end as intent_product_usage_segment__c,
    case
      when "risk_score" is not null then 'set'
      else 'absent'
    end as intent_risk_score__c,
    case
      when case when regexp_matches("company_name", '[^\t-\r ]') then "company_name" end is not null then 'set'
      else 'absent'
    end as intent_name
  from standardized_rows
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
  intent_ltv__c,
  case when intent_ltv__c = 'set' then "ltv" end as desired_ltv__c,
  intent_product_usage_segment__c,
  case when intent_product_usage_segment__c = 'set' then case when regexp_matches("usage_segment", '[^\t-\r ]') then "usage_segment" end end as desired_product_usage_segment__c,
  intent_risk_score__c,
  case when intent_risk_score__c = 'set' then "risk_score" end as desired_risk_score__c,
  intent_name,
  case when intent_name = 'set' then case when regexp_matches("company_name", '[^\t-\r ]') then "company_name" end end as desired_name
from intended_rows
