-- Grain: one candidate key that state knows. Key: row_key. What was last evaluated and acknowledged for it.

select *
from backfeed.state_salesforce_accounts
where row_key in (select row_key from backfeed.candidates_salesforce_accounts where row_key is not null)
