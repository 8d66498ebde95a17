-- Grain: one row with a record that has left the model. Key: row_key; seq is dense, and those whose record is read come first.
-- `waits` says why nothing is done about it in this plan; null: the live values decide.
{{ config(materialized='table') }}
with left_rows as (
  select
    known.*,
    {# What was begun is looked at in any case: it may have been done. -#}
    case when coalesce(known.disposition, '') <> 'unknown' or {{ 'true' if run.removal.blocks_all is not none else 'false' }} then {{ removals.waits('known') }} end as waits
  from {{ sync.work.known }} as known
  where known.crm_id is not null
    and known.row_key not in (select row_key from {{ sync.work.staging }} where row_key is not null)
)
select row_number() over (order by case when waits is null then 0 else 1 end, row_key) as seq, row_key, crm_id, waits
from left_rows
