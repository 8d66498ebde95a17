-- Grain: one candidate key that state knows. Key: row_key. What was last evaluated and acknowledged for it.
{{ config(materialized='table') }}
select *
from {{ sync.state }}
where row_key in (select row_key from {{ sync.work.candidates }} where row_key is not null)
