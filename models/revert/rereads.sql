-- Grain: one record that the reverted run wrote. Key: seq (dense), row_key. Read by its id: whatever it is called by now, it is the record that was written.
{{ config(materialized='table', as='reads') }}
select row_number() over (order by row_key) as seq, row_key, crm_id as match_value
from {{ sync.work.written }}
where why_row is null
