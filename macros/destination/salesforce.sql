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

{% macro salesforce_update(row) -%}
{{ sql.text_literal('{"attributes":{"type":"' ~ sync.object ~ '"}') }}
    || ',"id":' || {{ sql.json_text(row ~ '.crm_id') }}
{{ destination.pairs(row, 'null') }}
    || '}'
{%- endmacro %}

{# The record a field points to, by a key of its own; where it may be of several objects the request must say which. -#}
{% macro salesforce_reference(field, key) -%}
{{ sql.text_literal(',"' ~ field.reference.relationship ~ '":{' ~ ('"attributes":{"type":"' ~ field.reference.object ~ '"},' if field.reference.polymorphic else '') ~ '"' ~ field.reference.field ~ '":') }} || {{ key }} || '}'
{%- endmacro %}

{# Salesforce trims white space at both ends when it saves; what is sent without it is what is stored. -#}
{% macro salesforce_text(text) %}nullif({{ sql.trim_characters(text, sql.white_space()) }}, ''){% endmacro %}

{# 18 characters: those of 15 and three that say which of them are capitals. Anything else stays as it is, and is refused later. -#}
{% macro salesforce_id(text) -%}
case when {{ sql.matches("trim(" ~ text ~ ")", "'[a-zA-Z0-9]{15}'") }} then trim({{ text }}) || {{ destination.salesforce_id_suffix("trim(" ~ text ~ ")") }} else nullif(trim({{ text }}), '') end
{%- endmacro %}

{% macro salesforce_is_id(text) -%}
({{ sql.matches(text, "'[a-zA-Z0-9]{18}'") }} and substr({{ text }}, 16, 3) = {{ destination.salesforce_id_suffix(text) }})
{%- endmacro %}

{# One character for each five of the id: bit n is set where character n is a capital. -#}
{% macro salesforce_id_suffix(id) -%}
{% for start in [1, 6, 11] %}{{ ' || ' if not loop.first }}substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1{% for place in [0, 1, 2, 3, 4] %} + case when ascii(substr({{ id }}, {{ start + place }}, 1)) between 65 and 90 then {{ [1, 2, 4, 8, 16][place] }} else 0 end{% endfor %}, 1){% endfor %}
{%- endmacro %}
