-- Grain: one value that must be unique and stands more than once in the source. Key: scope, value.
-- Counted for the candidates' values only: a repeated key has a row whose fingerprint differs from state, so it is among them;
-- the hash of the spelling that did not change stands in what is known of the key.

select 'key' as scope, row_key as value, count(*) as source_rows
from backfeed.source_hubspot_contacts
where key_hash in (
    select key_hash from backfeed.candidates_hubspot_contacts where not is_gone
    union all
    select key_hash from backfeed.known_hubspot_contacts
  )
group by row_key
having count(*) > 1
union all
select 'match', value, count(*)
from (
  select nullif(trim(lower(case when regexp_matches("email", '^[!-~](?s:.*)[!-~]$') then "email" else trim("email", chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160) || chr(173) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8234) || chr(8235) || chr(8236) || chr(8237) || chr(8238) || chr(8239) || chr(8287) || chr(8288) || chr(12288) || chr(65279) || ' ') end)), '') as value
  from backfeed.source_hubspot_contacts
) as all_values
where value in (
  select nullif(trim(lower(case when regexp_matches("email", '^[!-~](?s:.*)[!-~]$') then "email" else trim("email", chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160) || chr(173) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8234) || chr(8235) || chr(8236) || chr(8237) || chr(8238) || chr(8239) || chr(8287) || chr(8288) || chr(12288) || chr(65279) || ' ') end)), '')
  from backfeed.candidates_hubspot_contacts
  where not is_gone
)
group by value
having count(*) > 1
