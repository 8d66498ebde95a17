-- Grain: one reason why one key waits. Key: row_key, rule.

select row_key, rule, min(field) as field, min(code) as code, min(reason) as message, max(source_rows) as source_rows
from backfeed.violations_salesforce_accounts
where on_fail = 'quarantine'
group by row_key, rule

union all
select row_key, reason, 'Customer_Id__c',
  case reason when 'required_on_create' then 'E-MAP-REQUIRED' when 'match_ambiguous' then 'E-DATA-AMBIGUOUS' when 'record_gone' then 'E-DATA-GONE' when 'drift_conflict' then 'E-DATA-DRIFT' else 'E-DATA-CLAIMED' end,
  case reason
    when 'required_on_create' then 'a field that the CRM requires on create has no value'
    when 'match_ambiguous' then 'several CRM records answer to the match value'
    when 'record_gone' then 'the record of this key is gone, or no longer has its match value; a new one could be a duplicate'
    when 'drift_conflict' then 'a field was changed in the CRM and in the warehouse since it was written (on_drift: quarantine)'
    else 'several keys lead to the same CRM record'
  end,
  1
from backfeed.changes_salesforce_accounts
where decision = 'quarantined' and reason in ('required_on_create', 'match_ambiguous', 'match_claimed_twice', 'record_gone', 'drift_conflict')
