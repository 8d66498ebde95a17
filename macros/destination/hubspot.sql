{# HubSpot batch endpoints: one element of `inputs`. Every value is a string; Clear is the empty string, null is ignored by HubSpot. #}
{% macro hubspot_body(row) -%}
{% if sync.path == 'associate' -%}
{{ associations.body(row) }}
{%- elif sync.path == 'update' -%}
{{ destination.hubspot_update(row) }}
{%- else -%}
{% if sync.path == 'upsert' %}'"id":' || {{ sql.json_text(row ~ '.match_value') }} || {{ sql.text_literal(',"idProperty":"' ~ sync.match.field ~ '",') }} || {% endif -%}
'"properties":{' || substr(
    {# Sent to a record that shows another address, the key would take the place of that address. -#}
    case when {{ row }}.by_alias then '' else {{ sql.text_literal(',"' ~ sync.match.field ~ '":') }} || {{ sql.json_text(row ~ '.match_value') }} end
{{ destination.pairs(row, '""') }}
    , 2) || '}'
{%- endif %}
{%- endmacro %}

{% macro hubspot_update(row) -%}
'"id":' || {{ sql.json_text(row ~ '.crm_id') }} || ',"properties":{' || substr(''
{{ destination.pairs(row, '""') }}
    , 2) || '}'
{%- endmacro %}

{# The trace id makes partial results possible and attributes each of them. #}
{% macro hubspot_framed(payload, change_id) -%}
'{ {%- if sync.path != 'associate' %}"objectWriteTraceId":"' || {{ change_id }} || '",{% endif %}' || {{ payload }} || '}'
{%- endmacro %}

{# Names of options, addresses and domains: blanks around them are no part of them. -#}
{% macro hubspot_name(text, fold) -%}
nullif({% if fold %}lower({% endif %}{{ sql.trim_characters(text, sql.white_space()) }}{% if fold %}){% endif %}, '')
{%- endmacro %}
