{#
  What a revert says about one field: whether its before-image can be put back exactly, and whether the CRM still holds what the
  run wrote. `field` is an entry of `sync.fields`; texts are as the log kept them.
#}

{# The kept text in the field's own type, null when that type cannot hold it without a loss; nothing here may fail on a strange text. #}
{% macro exact(field, text) -%}
{% if field.kind == 'multi_enumeration' %}nullif({{ sql.sorted_parts(text) }}, '')
{%- elif field.type.kind == 'text' %}{{ text }}
{%- elif field.type.kind == 'integer' or field.type.kind == 'decimal' -%}
case when {{ restores.fits(sql.try_number(text), field.type) }} then {{ sql.try_cast(text, field.type) }} end
{%- else %}{{ policies.typed_text(text, field.type) }}
{%- endif %}
{%- endmacro %}

{# A type without a precision is the integer of 18 digits, or a number as wide as comparisons are. -#}
{% macro fits(number, type) -%}
{%- set scale = 0 if type.kind == 'integer' else (10 if type.scale is none else type.scale) -%}
{%- set digits = (18 if type.kind == 'integer' else 28) if type.precision is none else type.precision - scale -%}
{{ number }} = round({{ number }}, {{ scale }}) and abs({{ number }}) < 1e{{ digits }}
{%- endmacro %}

{# Why the before-image cannot be put back; null when it can. `wrote`, `before`, `sent` are columns of the log, `restore` the typed before-image. #}
{% macro obstacle(field) -%}
{%- set before = 'before_' ~ field.slug -%}
{%- set restore = 'restore_' ~ field.slug -%}
case
    when wrote_{{ field.slug }} is null then null
{% if not field.in_body %}
    else 'match_field'
{% elif field.opaque %}
    else 'not_comparable'
{% else %}
    {# A log that was masked when it was written holds a text that is not the value; its hash tells. -#}
    when {{ sql.is_distinct(policies.audit_hash(before), 'before_hash_' ~ field.slug) }} or {{ sql.is_distinct(policies.audit_hash('sent_text_' ~ field.slug), 'sent_hash_' ~ field.slug) }} then 'not_kept'
    when not ({{ sql.is_blank(before) }}) and not coalesce({{ policies.same_value(field, restore, before) }}, false) then 'not_exact'
{% if field.reference and sync.destination == 'salesforce' %}
    {# A record without the key is read as its id, and an id written as a key would point elsewhere or nowhere. -#}
    when coalesce({{ destination.is_record_id(before) }}, false) then 'not_exact'
{% endif %}
{% if field.slug in run.revert.not_clearable %}
    when {{ sql.is_blank(before) }} then 'not_clearable'
{% endif %}
{% endif %}

  end
{%- endmacro %}

{# What happens to one field of one row; anything but set, clear, adopt and none is the reason why it is left alone. #}
{% macro action(field) -%}
{%- set restore = 'restore_' ~ field.slug -%}
{%- set live = 'live_' ~ field.slug -%}
case
    when wrote_{{ field.slug }} is null or why is not null then 'none'
    when obstacle_{{ field.slug }} is not null then obstacle_{{ field.slug }}
{% if field.in_body and not field.opaque %}
    {# A revert that died may have got this far: state does not know yet, so it is told. -#}
    when {{ restore }} is null and {{ sql.is_blank(live) }} or coalesce({{ policies.same_value(field, restore, live) }}, false) then case when unsettled_{{ field.slug }} then 'adopt' else 'none' end
    when not ({{ restores.is_still_ours(field) }}) then 'changed_since'
{% if field.forward_only %}
    when {{ policies.place_in(field.forward_only, restore) }} < {{ policies.place_in(field.forward_only, live) }} then 'not_applied'
{% endif %}
    when {{ restore }} is null then 'clear'
{% endif %}
    else 'set'
  end
{%- endmacro %}

{# The CRM holds what the run wrote. #}
{% macro is_still_ours(field) -%}
case when wrote_{{ field.slug }} = 'clear' then {{ sql.is_blank('live_' ~ field.slug) }} else coalesce({{ policies.same_value(field, 'sent_' ~ field.slug, 'live_' ~ field.slug) }}, false) end
{%- endmacro %}

{# An action that writes, or tells state what is there already. #}
{% macro says_something(field) %}action_{{ field.slug }} in ('set', 'clear', 'adopt'){% endmacro %}
