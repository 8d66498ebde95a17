{# What may go by a bulk job, and which rows share one. #}

{# What a CSV cell cannot carry exactly goes by request: the sign for "cleared", no text at all, carriage returns, NUL, long texts. #}
{% macro fits_csv(body) -%}
length({{ body }}) <= 100000
{%- for mark in ['"#N/A"', ':""', '\\r', '\\u0000'] %} and replace({{ body }}, {{ sql.text_literal(mark) }}, '') = {{ body }}{% endfor %}
{%- endmacro %}

{# One mark per field: the columns a row needs. A cleared reference is another column than one that is set. #}
{% macro field_set() -%}
{% for field in sync.fields %}{% if field.in_body %}case action_{{ field.slug }} when 'set' then 's' when 'clear' then {% if field.reference %}'c'{% else %}'s'{% endif %} else '-' end || {% endif %}{% endfor %}''
{%- endmacro %}
