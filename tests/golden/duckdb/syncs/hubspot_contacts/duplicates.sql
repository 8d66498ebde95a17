-- Grain: one value that must be unique and stands more than once in the source. Key: scope, value.
-- Counted for the candidates' values only: a repeated key has a row whose fingerprint differs from state, so it is among them.

select 'key' as scope, row_key as value, count(*) as source_rows
from backfeed.source_hubspot_contacts
where key_hash in (select key_hash from backfeed.candidates_hubspot_contacts where not is_gone and row_key is not null)
  and row_key is not null
group by row_key
having count(*) > 1
union all
select 'match', value, count(*)
from (
  select trim(trim("email")) as value
  from backfeed.source_hubspot_contacts
) as all_values
where value in (
  select trim(trim("email"))
  from backfeed.candidates_hubspot_contacts
  where not is_gone
)
group by value
having count(*) > 1
union all
select 'rule:email_unique', value, count(*)
from (
  select lower(trim(trim("email"))) as value
  from backfeed.source_hubspot_contacts
) as all_values
where value in (
  select lower(trim(trim("email")))
  from backfeed.candidates_hubspot_contacts
  where not is_gone
)
group by value
having count(*) > 1
