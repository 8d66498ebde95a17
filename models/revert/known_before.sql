-- Grain: one row of the reverted run that state knows. Key: row_key. A copy, so that nothing hangs on state itself.
{{ config(materialized='table', as='known') }}
select *
from {{ sync.state }}
where row_key in (select row_key from {{ sync.work.written }})
