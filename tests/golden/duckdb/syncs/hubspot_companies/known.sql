-- Grain: one candidate key that state knows. Key: row_key. What was last evaluated and acknowledged for it.
-- State is wide, so it is read once, by hash; only a key that is spelled with blanks around it is looked for by its text too.

select *
from backfeed.state_hubspot_companies
where key_hash in (select key_hash from backfeed.candidates_hubspot_companies)

union all
select *
from backfeed.state_hubspot_companies
where row_key in (select row_key from backfeed.candidates_hubspot_companies where "customer_id" <> case when starts_with("customer_id", ' ') or ends_with("customer_id", ' ') then trim("customer_id") else "customer_id" end)
  and key_hash not in (select key_hash from backfeed.candidates_hubspot_companies where key_hash is not null)
