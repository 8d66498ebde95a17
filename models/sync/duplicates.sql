-- Grain: one value that must be unique and stands more than once in the source. Key: scope, value.
-- Counted for the candidates' values only: a repeated key has a row whose fingerprint differs from state, so it is among them;
-- the hash of the spelling that did not change stands in what is known of the key.
{{ config(materialized='table') }}
select 'key' as scope, row_key as value, count(*) as source_rows
from {{ sync.work.source }}
where key_hash in (
    select key_hash from {{ sync.work.candidates }} where not is_gone
    union all
    select key_hash from {{ sync.work.known }}
  )
group by row_key
having count(*) > 1
{%- for check in sync.unique_checks %}

union all
select {{ sql.text_literal(check.scope) }}, value, count(*)
from (
  select {{ policies.match_form(sql.canonical(policies.standardized(check.column), check.column.type), check.fold) }} as value
  from {{ sync.work.source }}
) as all_values
where value in (
  select {{ policies.match_form(sql.canonical(policies.standardized(check.column), check.column.type), check.fold) }}
  from {{ sync.work.candidates }}
  where not is_gone
)
group by value
having count(*) > 1
{%- endfor %}
