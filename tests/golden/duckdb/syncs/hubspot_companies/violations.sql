-- Grain: one broken rule of one staged row. Key: row_key, rule. Reasons are static texts: they never contain values.

select row_key, 'key_not_null' as rule, 'customer_id' as field, 'quarantine' as on_fail, 'E-KEY-NULL' as code, 'the primary key is empty' as reason, candidate_rows as source_rows
from backfeed.staging_hubspot_companies
where row_key is null

union all
select staging.row_key, 'key_unique', 'customer_id', 'quarantine', 'E-KEY-DUP', 'the primary key stands more than once in the model', duplicates.source_rows
from backfeed.staging_hubspot_companies as staging
join backfeed.duplicates_hubspot_companies as duplicates on duplicates.scope = 'key' and duplicates.value = staging.row_key

union all
select row_key, 'match_not_null', 'domain', 'quarantine', 'E-KEY-NULL', 'the match value is empty', 1
from backfeed.staging_hubspot_companies
where match_value is null and row_key is not null
union all
select staging.row_key, 'match_unique', 'domain', 'quarantine', 'E-KEY-DUP', 'several rows of the model lead to the same CRM record', duplicates.source_rows
from backfeed.staging_hubspot_companies as staging
join backfeed.duplicates_hubspot_companies as duplicates
  on duplicates.scope = 'match'
  and duplicates.value = nullif(trim(staging."domain"), '')
union all
select row_key, 'health_score_between', 'health_score', 'quarantine', 'E-DATA-RULE', 'not a number between 0 and 100', 1
from backfeed.staging_hubspot_companies
where not ("health_score" is null) and not coalesce("health_score" between 0 and 100, false)
union all
select row_key, 'active_only', 'active_only', 'skip', 'E-DATA-RULE', 'the expression is not true', 1
from backfeed.staging_hubspot_companies
where passes_active_only is not true
union all
select row_key, 'domain_domain', 'domain', 'quarantine', 'E-DATA-RULE', 'not a valid domain', 1
from backfeed.staging_hubspot_companies
where not (not coalesce(regexp_matches("domain", '[^\t-\r ]'), false)) and not coalesce((regexp_full_match("domain", '([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?[.])+[A-Za-z]{2,63}') and length("domain") <= 253), false)
union all
select row_key, 'plan_accepted_values', 'plan', 'quarantine', 'E-DATA-RULE', 'not one of the 4 accepted values', 1
from backfeed.staging_hubspot_companies
where not (not coalesce(regexp_matches("plan", '[^\t-\r ]'), false)) and not coalesce("plan" in ('free', 'team', 'business', 'enterprise'), false)
