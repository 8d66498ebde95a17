-- Grain: one broken rule of one staged row. Key: row_key, rule. Reasons are static texts: they never contain values.

select row_key, 'key_not_null' as rule, 'customer_id' as field, 'quarantine' as on_fail, 'E-KEY-NULL' as code, 'the primary key is empty' as reason, candidate_rows as source_rows
from backfeed.staging_salesforce_accounts
where row_key is null

union all
select staging.row_key, 'key_unique', 'customer_id', 'quarantine', 'E-KEY-DUP', 'the primary key stands more than once in the model', duplicates.source_rows
from backfeed.staging_salesforce_accounts as staging
join backfeed.duplicates_salesforce_accounts as duplicates on duplicates.scope = 'key' and duplicates.value = staging.row_key

union all
select row_key, 'match_not_null', 'Customer_Id__c', 'quarantine', 'E-KEY-NULL', 'the match value is empty', 1
from backfeed.staging_salesforce_accounts
where match_value is null and row_key is not null
union all
select row_key, 'LTV__c_not_finite', 'LTV__c', 'quarantine', 'E-DATA-RANGE', 'not a number', 1
from backfeed.staging_salesforce_accounts
where desired_ltv__c - desired_ltv__c <> 0
union all
select row_key, 'Risk_Score__c_not_finite', 'Risk_Score__c', 'quarantine', 'E-DATA-RANGE', 'not a number', 1
from backfeed.staging_salesforce_accounts
where desired_risk_score__c - desired_risk_score__c <> 0
union all
select row_key, 'risk_score_between', 'risk_score', 'quarantine', 'E-DATA-RULE', 'not a number between 0 and 100', 1
from backfeed.staging_salesforce_accounts
where not ("risk_score" is null) and not coalesce("risk_score" between 0 and 100, false)
union all
select row_key, 'usage_segment_accepted_values', 'usage_segment', 'quarantine', 'E-DATA-RULE', 'not one of the 4 accepted values', 1
from backfeed.staging_salesforce_accounts
where not (not coalesce(regexp_matches("usage_segment", '[^\t-\r ]'), false)) and not coalesce("usage_segment" in ('power', 'core', 'light', 'dormant'), false)
union all
select row_key, 'active_only', 'active_only', 'skip', 'E-DATA-RULE', 'the expression is not true', 1
from backfeed.staging_salesforce_accounts
where passes_active_only is not true
