{#
  The fragment of one change, rendered in the warehouse so that the plan holds what is sent, byte for byte.
  `body` is what the change writes; `framed` adds what names the change in its request.
  A field is in the text only when its action is set or clear: absent, value and Clear stay three things.
#}

{% macro body(row) -%}
{% if sync.destination == 'salesforce' %}{{ destination.salesforce_body(row) }}{% else %}{{ destination.hubspot_body(row) }}{% endif %}
{%- endmacro %}

{# Of the record that is known by its id, whatever path the sync writes on. #}
{% macro update_body(row) -%}
{% if sync.destination == 'salesforce' %}{{ destination.salesforce_update(row) }}{% else %}{{ destination.hubspot_update(row) }}{% endif %}
{%- endmacro %}

{% macro delete_body(row) -%}
{% if sync.destination == 'salesforce' %}{{ row }}.crm_id{% else %}'"id":' || {{ sql.json_text(row ~ '.crm_id') }}{% endif %}
{%- endmacro %}

{% macro framed(payload, change_id) -%}
{% if sync.destination == 'salesforce' %}{{ payload }}{% else %}{{ destination.hubspot_framed(payload, change_id) }}{% endif %}
{%- endmacro %}

{# ,"Field":value for each field with an action; `value` and `clear` are what stands behind the colon. #}
{% macro pairs(row, clear) -%}
{% for field in sync.fields %}
{%- if field.in_body %}
    || case {{ row }}.action_{{ field.slug }} when 'set' then {{ destination.set_pair(field, row ~ '.desired_' ~ field.slug) }} when 'clear' then {{ sql.text_literal(',"' ~ field.to ~ '":' ~ clear) }} else '' end
{%- endif %}
{%- endfor %}
{%- endmacro %}

{% macro set_pair(field, desired) -%}
{% if field.reference -%}
{{ destination.salesforce_reference(field, destination.json_value(field, desired)) }}
{%- else -%}
{{ sql.text_literal(',"' ~ field.to ~ '":') }} || {{ destination.json_value(field, desired) }}
{%- endif %}
{%- endmacro %}

{% macro json_value(field, desired) -%}
{% if sync.destination == 'salesforce' and field.kind == 'number' -%}
{{ sql.canonical(policies.in_places(desired, field), field.type) }}
{%- elif field.kind == 'number' and field.places is not none -%}
{# A rule about places counts zeros too. -#}
{{ sql.json_text(sql.canonical(policies.in_places(desired, field), field.type)) }}
{%- elif sync.destination == 'salesforce' and field.kind == 'boolean' -%}
{{ sql.canonical(desired, field.type) }}
{%- else -%}
{{ sql.json_text(sql.canonical(desired, field.type)) }}
{%- endif %}
{%- endmacro %}

{# ---- values in the form the CRM will hold them ---- #}

{% macro stored_text(text) -%}
{% if sync.destination == 'salesforce' %}{{ destination.salesforce_text(text) }}{% else %}{{ sql.blank_to_null(text) }}{% endif %}
{%- endmacro %}

{% macro stored_moment(timestamp) -%}
{% if sync.destination == 'salesforce' %}{{ sql.to_seconds(timestamp) }}{% else %}{{ sql.to_milliseconds(timestamp) }}{% endif %}
{%- endmacro %}

{# Only Salesforce has fields that hold an id; a name that stands for one becomes it. -#}
{% macro stored_id(field, text) -%}
{% if sync.destination != 'salesforce' %}{{ sql.blank_to_null(text) }}
{%- elif field.aliases.length == 0 %}{{ destination.salesforce_id(text) }}
{%- else %}case trim({{ text }}) {% for alias in field.aliases %}when {{ sql.text_literal(alias.text) }} then {{ sql.text_literal(alias.value) }} {% endfor %}else {{ destination.salesforce_id(text) }} end
{%- endif %}
{%- endmacro %}

{% macro is_record_id(text) %}{{ destination.salesforce_is_id(text) }}{% endmacro %}
