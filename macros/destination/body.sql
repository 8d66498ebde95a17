{#
  The fragment of one change, rendered in the warehouse so that the plan holds what is sent, byte for byte.
  `body` is what the change writes; `framed` adds what names the change in its request.
  A field is in the text only when its action is set or clear: absent, value and Clear stay three things.
#}

{% macro body(row) -%}
{% if sync.destination == 'salesforce' %}{{ destination.salesforce_body(row) }}{% else %}{{ destination.hubspot_body(row) }}{% endif %}
{%- endmacro %}

{% macro framed(payload, change_id) -%}
{% if sync.destination == 'salesforce' %}{{ payload }}{% else %}{{ destination.hubspot_framed(payload, change_id) }}{% endif %}
{%- endmacro %}

{# ,"Field":value for each field with an action; `value` and `clear` are what stands behind the colon. #}
{% macro pairs(row, clear) -%}
{% for field in sync.fields %}
{%- if field.in_body %}
    || case {{ row }}.action_{{ field.slug }} when 'set' then {{ sql.text_literal(',"' ~ field.to ~ '":') }} || {{ destination.json_value(field, row ~ '.desired_' ~ field.slug) }} when 'clear' then {{ sql.text_literal(',"' ~ field.to ~ '":' ~ clear) }} else '' end
{%- endif %}
{%- endfor %}
{%- endmacro %}

{% macro json_value(field, desired) -%}
{% if sync.destination == 'salesforce' and field.kind in ['number', 'boolean'] -%}
{{ sql.canonical(desired, field.type) }}
{%- else -%}
{{ sql.json_text(sql.canonical(desired, field.type)) }}
{%- endif %}
{%- endmacro %}
