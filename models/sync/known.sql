-- Grain: one candidate key that state knows. Key: row_key. What was last evaluated and acknowledged for it.
-- State is wide, so it is read once, by hash; only a key that is spelled with blanks around it is looked for by its text too.
{{ config(materialized='table') }}
select *
from {{ sync.state }}
where key_hash in (select key_hash from {{ sync.work.candidates }})

union all
select *
from {{ sync.state }}
where row_key in (select row_key from {{ sync.work.candidates }} where {{ policies.has_blanks(sync.key) }})
  and key_hash not in (select key_hash from {{ sync.work.candidates }} where key_hash is not null)
