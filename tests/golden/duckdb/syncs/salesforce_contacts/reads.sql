-- Grain: one valid row whose record must be read before anything is decided. Key: seq (dense), row_key.
-- Only rows that want a change, whose record was never found, or that point to another record than before: the CRM is not read for the rest.

with wanted as (
  select staging.row_key, staging.match_value
  from backfeed.staging_salesforce_contacts as staging
  left join backfeed.known_salesforce_contacts as state on state.row_key = staging.row_key
  where staging.row_key is not null
    and staging.row_key not in (select row_key from backfeed.violations_salesforce_contacts where row_key is not null)
    and (
      state.crm_id is null
      or state.disposition in ('unknown', 'held')
      or hash(nullif(trim(staging.match_value), '')) is distinct from state.match_hash
      or (staging.desired_lead_score__c is not null and (state.known_lead_score__c is not true or staging.desired_lead_score__c is distinct from state.acked_lead_score__c))
      or (staging.desired_product_usage_segment__c is not null and (state.known_product_usage_segment__c is not true or staging.desired_product_usage_segment__c is distinct from state.acked_product_usage_segment__c))
    )
)
select row_number() over (order by row_key) as seq, row_key, match_value
from wanted
