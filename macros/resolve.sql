{# What became of a write whose answer never came, from what the record holds now; see runner/sync/resolve-unknown.ts. #}

{# Fields that were in the request and that can be read back. -#}
{% macro is_comparable(field) %}{{ 'yes' if not field.opaque and field.in_body }}{% endmacro %}

{# sent, before, other; null: the field was not in the request. `row` has action_, sent_, sent_hash_, before_hash_ and live_. -#}
{% macro found(field, row) -%}
{%- set live = row ~ '.live_' ~ field.slug -%}
case
    when {{ row }}.action_{{ field.slug }} is null then null
    when {{ row }}.action_{{ field.slug }} = 'clear' and {{ sql.is_blank(live) }} then 'sent'
    when {{ row }}.action_{{ field.slug }} = 'set' and {{ resolve.is_sent(field, row) }} then 'sent'
    when {{ sql.is_same(policies.audit_hash(live), row ~ '.before_hash_' ~ field.slug) }} then 'before'
    else 'other'
  end
{%- endmacro %}

{# The log keeps the value, or only its hash. -#}
{% macro is_sent(field, row) -%}
{%- set live = row ~ '.live_' ~ field.slug -%}
{% if field.keep == 'full' -%}
coalesce({{ policies.same_value(field, policies.typed_text(row ~ '.sent_' ~ field.slug, field.type), live) }}, false)
{%- else -%}
coalesce({{ policies.audit_hash(sql.canonical(policies.typed_text(live, field.type), field.type)) }} = {{ row }}.sent_hash_{{ field.slug }}, false)
{%- endif %}
{%- endmacro %}

{# How many of the fields were found so. -#}
{% macro count_found(what) -%}
{% for field in sync.fields %}{% if resolve.is_comparable(field) %}case when found_{{ field.slug }} = '{{ what }}' then 1 else 0 end + {% endif %}{% endfor %}0
{%- endmacro %}

{# The acknowledged value of before: the one of the log, or what the record still holds. -#}
{% macro base(field, row) -%}
{% if field.keep == 'full' -%}
{{ policies.typed_text(row ~ '.base_' ~ field.slug, field.type) }}
{%- else -%}
case when {{ row }}.found_{{ field.slug }} = 'before' and {{ row }}.crm_changed_{{ field.slug }} = 0 then {{ policies.typed_text(row ~ '.live_' ~ field.slug, field.type) }} end
{%- endif %}
{%- endmacro %}

{% macro is_base_known(field, row) -%}
({{ row }}.base_known_{{ field.slug }} = 1{% if field.keep != 'full' %} and {{ row }}.found_{{ field.slug }} = 'before' and {{ row }}.crm_changed_{{ field.slug }} = 0{% endif %})
{%- endmacro %}
