-- Grain: one broken rule of one staged row. Key: row_key, rule. Reasons are static texts: they never contain values.

select row_key, 'key_not_null' as rule, 'contact_key' as field, 'quarantine' as on_fail, 'E-KEY-NULL' as code, 'the primary key is empty' as reason, candidate_rows as source_rows
from backfeed.staging_salesforce_contacts
where row_key is null

union all
select staging.row_key, 'key_unique', 'contact_key', 'quarantine', 'E-KEY-DUP', 'the primary key stands more than once in the model', duplicates.source_rows
from backfeed.staging_salesforce_contacts as staging
join backfeed.duplicates_salesforce_contacts as duplicates on duplicates.scope = 'key' and duplicates.value = staging.row_key

union all
select row_key, 'match_not_null', 'Email', 'quarantine', 'E-KEY-NULL', 'the match value is empty', 1
from backfeed.staging_salesforce_contacts
where match_value is null and row_key is not null
union all
select staging.row_key, 'match_unique', 'Email', 'quarantine', 'E-KEY-DUP', 'several rows of the model lead to the same CRM record', duplicates.source_rows
from backfeed.staging_salesforce_contacts as staging
join backfeed.duplicates_salesforce_contacts as duplicates
  on duplicates.scope = 'match'
  and duplicates.value = nullif(trim(staging."email"), '')
union all
select row_key, 'ml_lead_score_between', 'ml_lead_score', 'quarantine', 'E-DATA-RULE', 'not a number between 0 and 100', 1
from backfeed.staging_salesforce_contacts
where not ("ml_lead_score" is null) and not coalesce("ml_lead_score" between 0 and 100, false)
union all
select row_key, 'email_email', 'email', 'quarantine', 'E-DATA-RULE', 'not a valid email', 1
from backfeed.staging_salesforce_contacts
where not (not coalesce(regexp_matches("email", '[^\t-\r ]'), false)) and not coalesce((regexp_full_match("email", '[A-Za-z0-9!#$%&*+/=?^_`{|}~-]+([.][A-Za-z0-9!#$%&*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?[.])+[A-Za-z]{2,63}') and length("email") <= 254), false)
