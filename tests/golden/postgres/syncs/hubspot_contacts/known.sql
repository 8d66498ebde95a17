-- Grain: one candidate key that was evaluated before, as state holds it. Key: key_hash, row_key.
-- State is wide, so it is read once; every later step works on the few rows of the candidates.

select state.*
from backfeed.state_hubspot_contacts as state
where key_hash in (select key_hash from backfeed.candidates_hubspot_contacts)
