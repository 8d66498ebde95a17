-- Grain: one match value whose record is read back. Key: seq (dense).
{{ config(materialized='table', as='reads') }}
select row_number() over (order by match_value) as seq, row_key, match_value
from (select match_value, min(row_key) as row_key from {{ sync.work.unresolved }} group by match_value) as wanted
