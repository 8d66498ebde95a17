-- Grain: one valid row whose record must be read before anything is decided. Key: seq (dense), row_key.
-- Only rows that want a change, whose record was never found, or that point to another record than before: the CRM is not read for the rest.
{{ config(materialized='table') }}
with wanted as (
  select staging.row_key, staging.match_value
  from {{ sync.work.staging }} as staging
  left join {{ sync.work.known }} as state on state.row_key = staging.row_key
  where staging.row_key is not null
    and staging.row_key not in (select row_key from {{ sync.work.violations }} where row_key is not null)
{% if sync.twins and sync.twins.adopts %}
    and staging.row_key not in ({{ links.linked_keys() }})
{% endif %}
    and (
      {{ 'state.crm_id is not null or ' if run.whole }}state.crm_id is null
      or state.disposition in ('unknown', 'held')
{% if not sync.match.is_key %}
      or {{ sql.is_distinct(policies.match_hash('staging.match_value'), 'state.match_hash') }}
{% endif %}
{% for field in sync.fields %}
{% if field.write != 'on_create' %}
      or {{ policies.wants_change(field, 'staging', 'state') }}
{% endif %}
{% endfor %}
    )
)
select row_number() over (order by row_key) as seq, row_key, match_value
from wanted
