-- Grain: one candidate key present in the source (rows without a key are gathered in one). Key: row_key.
-- Cast, standardised and put through the null policy; rows that share a key are represented by one and quarantined later.

with ranked_candidates as (
  select candidates.*, row_number() over (partition by row_key order by fingerprint) as place, count(*) over (partition by row_key) as candidate_rows
  from backfeed.candidates_hubspot_contacts as candidates
  where not is_gone
),
standardized_rows as (
  select
    row_key,
    key_hash,
    fingerprint,
    candidate_rows,
    "contact_key" as "contact_key",
    lower(trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160) || chr(173) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8234) || chr(8235) || chr(8236) || chr(8237) || chr(8238) || chr(8239) || chr(8287) || chr(8288) || chr(12288) || chr(65279) || ' ' from "email")) as "email",
    "plan" as "plan",
    "health_score" as "health_score",
    "intent_segment" as "intent_segment",
    "first_name" as "first_name",
    "last_name" as "last_name",
    case
    when (regexp_replace(regexp_replace(regexp_replace(translate(translate("phone", '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹＋（）‐‑‒–—―−－', '012345678901234567890123456789+()--------'), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160) || chr(173) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8234) || chr(8235) || chr(8236) || chr(8237) || chr(8238) || chr(8239) || chr(8287) || chr(8288) || chr(12288) || chr(65279) || ' ', '                                    '), '^ *[Tt][Ee][Ll]:', '', 'g'), '[(]0[)]', '', 'g'), '[ ()./-]', '', 'g') ~ ('^(?:' || '[+][1-9][0-9]{6,14}' || ')$')) then regexp_replace(regexp_replace(regexp_replace(translate(translate("phone", '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹＋（）‐‑‒–—―−－', '012345678901234567890123456789+()--------'), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160) || chr(173) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8234) || chr(8235) || chr(8236) || chr(8237) || chr(8238) || chr(8239) || chr(8287) || chr(8288) || chr(12288) || chr(65279) || ' ', '                                    '), '^ *[Tt][Ee][Ll]:', '', 'g'), '[(]0[)]', '', 'g'), '[ ()./-]', '', 'g')
    when (regexp_replace(regexp_replace(regexp_replace(translate(translate("phone", '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹＋（）‐‑‒–—―−－', '012345678901234567890123456789+()--------'), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160) || chr(173) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8234) || chr(8235) || chr(8236) || chr(8237) || chr(8238) || chr(8239) || chr(8287) || chr(8288) || chr(12288) || chr(65279) || ' ', '                                    '), '^ *[Tt][Ee][Ll]:', '', 'g'), '[(]0[)]', '', 'g'), '[ ()./-]', '', 'g') ~ ('^(?:' || '00[1-9][0-9]{6,14}' || ')$')) then '+' || substr(regexp_replace(regexp_replace(regexp_replace(translate(translate("phone", '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹＋（）‐‑‒–—―−－', '012345678901234567890123456789+()--------'), chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160) || chr(173) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8234) || chr(8235) || chr(8236) || chr(8237) || chr(8238) || chr(8239) || chr(8287) || chr(8288) || chr(12288) || chr(65279) || ' ', '                                    '), '^ *[Tt][Ee][Ll]:', '', 'g'), '[(]0[)]', '', 'g'), '[ ()./-]', '', 'g'), 3)
    else trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(133) || chr(160) || chr(173) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8203) || chr(8206) || chr(8207) || chr(8232) || chr(8233) || chr(8234) || chr(8235) || chr(8236) || chr(8237) || chr(8238) || chr(8239) || chr(8287) || chr(8288) || chr(12288) || chr(65279) || ' ' from "phone")
  end as "phone"
  from ranked_candidates
  where place = 1
)
select
  row_key,
  key_hash,
  fingerprint,
  candidate_rows,
  nullif(trim("email"), '') as match_value,
  "contact_key",
  "email",
  "plan",
  "health_score",
  "intent_segment",
  "first_name",
  "last_name",
  "phone",
  case when trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from "plan") = '' then null else "plan" end as desired_plan,
  "health_score" as desired_health_score,
  case when trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from "intent_segment") = '' then null else "intent_segment" end as desired_intent_segment,
  case when trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from "contact_key") = '' then null else "contact_key" end as desired_person_key,
  case when trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from "first_name") = '' then null else "first_name" end as desired_firstname,
  case when trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from "last_name") = '' then null else "last_name" end as desired_lastname,
  case when trim(both chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ' from "phone") = '' then null else "phone" end as desired_phone
from standardized_rows
