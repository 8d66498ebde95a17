-- Grain: one match value whose record is read back. Key: seq (dense).

select row_number() over (order by match_value) as seq, row_key, match_value
from (select match_value, min(row_key) as row_key from backfeed.unresolved_hubspot_contacts group by match_value) as wanted
