-- Grain: one candidate key of a plan. Appended before the header, so that a plan without a header never counts.

select plan_id, seq, change_id, row_key, op, crm_id, decision, reason, batch_no, payload_hash, md5(body), op is not null,
  case when match_value is null then null when char_length(match_value) < 4 then '***' else substr(match_value, 1, 1) || '***' end, cast(key_hash as text), cast(fingerprint as text)
from backfeed.changes_hubspot_contacts
