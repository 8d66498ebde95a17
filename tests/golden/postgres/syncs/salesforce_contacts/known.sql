-- Grain: one candidate key that state knows. Key: row_key. What was last evaluated and acknowledged for it.
-- State is wide, so it is read once, by hash; only a key that is spelled with blanks around it is looked for by its text too.

select *
from backfeed.state_salesforce_contacts
where key_hash in (select key_hash from backfeed.candidates_salesforce_contacts)

union all
select *
from backfeed.state_salesforce_contacts
where row_key in (select row_key from backfeed.candidates_salesforce_contacts where "contact_key" <> trim("contact_key"))
  and key_hash not in (select key_hash from backfeed.candidates_salesforce_contacts where key_hash is not null)
