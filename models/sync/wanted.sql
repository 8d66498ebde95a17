-- Grain: one key of a record that rows are to be associated with. Key: seq (dense), target_key.
{{ config(materialized='table') }}
with keys as (
  select distinct {{ associations.target_form('staging') }} as target_key
  from {{ sync.work.reads }} as reads
  join {{ sync.work.staging }} as staging on staging.row_key = reads.row_key
)
select row_number() over (order by target_key) as seq, target_key
from keys
where target_key is not null
