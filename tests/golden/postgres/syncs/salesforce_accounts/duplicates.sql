-- Grain: one value that must be unique and stands more than once in the source. Key: scope, value.
-- Counted for the candidates' values only: a repeated key has a row whose fingerprint differs from state, so it is among them;
-- the hash of the spelling that did not change stands in what is known of the key.

select 'key' as scope, row_key as value, count(*) as source_rows
from backfeed.source_salesforce_accounts
where key_hash in (
    select key_hash from backfeed.candidates_salesforce_accounts where not is_gone
    union all
    select key_hash from backfeed.known_salesforce_accounts
  )
group by row_key
having count(*) > 1
