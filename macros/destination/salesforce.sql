{# Salesforce sObject Collections: one element of `records`. Clear is JSON null. Shape: facts A3 and A10 of the REST guide. #}
{% macro salesforce_body(row) -%}
{{ sql.text_literal('{"attributes":{"type":"' ~ sync.object ~ '"}') }}
{%- if sync.path == 'update' %}
    || ',"id":' || {{ sql.json_text(row ~ '.crm_id') }}
{%- else %}
    || {{ sql.text_literal(',"' ~ sync.match.field ~ '":') }} || {% if sync.match.kind == 'number' %}{{ row }}.match_value{% else %}{{ sql.json_text(row ~ '.match_value') }}{% endif %}
{%- endif %}
{{ destination.pairs(row, 'null') }}
    || '}'
{%- endmacro %}
