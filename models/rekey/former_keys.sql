-- Grain: one pair of keys of the model, of a row that state knows by the former one. Key: former_key, row_key.
-- A pair is good where both counts are 1 and no other row of state has the key already.
{{ config(materialized='table') }}
with pairs as (
  select distinct
    {{ policies.logged_key(sync.former_key.columns, sync.former_key.is_hashed) }} as former_key,
    {{ policies.key_text(sync.key) }} as row_key,
    {{ sql.key_hash(sync.key_names) }} as key_hash
  from {{ sync.relation }}
),
known as (
  select row_key from {{ sync.state }} where disposition <> 'removed'
),
met as (
  select
    pairs.*,
    count(*) over (partition by pairs.former_key) as row_keys,
    count(*) over (partition by pairs.row_key) as former_keys
  from pairs
  join known on known.row_key = pairs.former_key
)
select met.*, case when known.row_key is not null and met.row_key <> met.former_key then 1 else 0 end as is_taken
from met
left join known on known.row_key = met.row_key
