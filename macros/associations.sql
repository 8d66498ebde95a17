{# The association of a row's record with the one that has a key; see runner/sync/associations/association-syncs.ts. #}

{# As the CRM compares keys of the other object. -#}
{% macro target_form(row) %}{{ policies.match_form(row ~ '.desired_' ~ sync.fields[0].slug, sync.association.fold) }}{% endmacro %}

{% macro grouped_targets() -%}
  select {{ policies.match_form('target_key', sync.association.fold) }} as target_form, min(record_id) as target_id
  from {{ sync.work.targets }}
  group by {{ policies.match_form('target_key', sync.association.fold) }}
{%- endmacro %}

{# There is no record with the wanted key. -#}
{% macro lacks_target() %}op = 'update' and action_{{ sync.fields[0].slug }} = 'set' and target_id is null{% endmacro %}

{# One element of `inputs`, without its braces; the payload of a row that is not sent is never read. -#}
{% macro body(row) -%}
'"from":{"id":' || {{ sql.json_text(row ~ '.crm_id') }} || '},"to":{"id":' || {{ sql.json_text(row ~ '.target_id') }} || '}'
{%- if sync.association.types %} || {{ sql.text_literal(',"types":' ~ sync.association.types) }}{% endif %}
{%- endmacro %}
