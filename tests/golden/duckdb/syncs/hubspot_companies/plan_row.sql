-- Grain: one candidate key of a plan. Appended before the header, so that a plan without a header never counts.

select plan_id, seq, change_id, row_key, op, crm_id, decision, reason, batch_no, payload_hash, md5(body), op is not null,
  match_value, cast(key_hash as varchar), cast(fingerprint as varchar)
from backfeed.changes_hubspot_companies
