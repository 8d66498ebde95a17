-- Grain: one value that a record without our key may hold. Key: seq (dense), value.
-- Only of rows without a record: the key was looked for first, and a row that ever had a record gets no second one.
{{ config(materialized='table') }}
with wanted as (
  select distinct {{ links.row_form('staging') }} as value
  from {{ sync.work.reads }} as reads
  join {{ sync.work.staging }} as staging on staging.row_key = reads.row_key
{%- if not sync.twins.adopts %}
  left join {{ sync.work.known }} as state on state.row_key = reads.row_key
{%- endif %}
  where {{ policies.match_form('reads.match_value', sync.match.fold) }} not in (
      select {{ policies.match_form('match_value', sync.match.fold) }} from {{ sync.work.snapshot }} where {{ policies.match_form('match_value', sync.match.fold) }} is not null
    )
{%- if not sync.twins.adopts %}
    and state.crm_id is null
{%- endif %}
)
select row_number() over (order by value) as seq, value
from wanted
where value is not null
