-- Grain: one value that must be unique and stands more than once in the source. Key: scope, value.
-- Counted for the candidates' values only: a repeated key has a row whose fingerprint differs from state, so it is among them.

select 'key' as scope, row_key as value, count(*) as source_rows
from backfeed.source_salesforce_accounts
where key_hash in (select key_hash from backfeed.candidates_salesforce_accounts where not is_gone and row_key is not null)
  and row_key is not null
group by row_key
having count(*) > 1
