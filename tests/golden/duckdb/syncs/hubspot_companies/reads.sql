-- Grain: one valid row whose record must be read before anything is decided. Key: seq (dense), row_key.
-- Only rows that want a change, whose record was never found, or that point to another record than before: the CRM is not read for the rest.

with wanted as (
  select staging.row_key, staging.match_value
  from backfeed.staging_hubspot_companies as staging
  left join backfeed.known_hubspot_companies as state on state.row_key = staging.row_key
  where staging.row_key is not null
    and staging.row_key not in (select row_key from backfeed.violations_hubspot_companies where row_key is not null)
    and (
      state.crm_id is null
      or state.disposition in ('unknown', 'held')
      or hash(nullif(trim(staging.match_value), '')) is distinct from state.match_hash
      or (staging.desired_plan is not null and (state.known_plan is not true or staging.desired_plan is distinct from state.acked_plan))
      or (staging.desired_health_score is not null and (state.known_health_score is not true or staging.desired_health_score is distinct from state.acked_health_score))
      or (staging.desired_intent_segment is not null and (state.known_intent_segment is not true or staging.desired_intent_segment is distinct from state.acked_intent_segment))
    )
)
select row_number() over (order by row_key) as seq, row_key, match_value
from wanted
