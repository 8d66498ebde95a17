{#
  Validation rules as conditions that are true when a value breaks the rule. Apart from not_null, an absent value
  breaks nothing: what a null means is the null policy's business.
#}

{% macro breaks(rule) -%}
{%- set text = sql.canonical(rule.column.name, rule.column.type) if rule.column else '' -%}
{% if rule.rule == 'expression' %}passes_{{ rule.slug }} is not true
{%- elif rule.rule == 'not_null' %}{{ sql.is_blank(text) }}
{%- elif rule.rule == 'between' %}{{ rules.outside(text, rule) }}
{%- else %}not ({{ sql.is_blank(text) }}) and not coalesce({{ rules.holds(rule, text) }}, false)
{%- endif %}
{%- endmacro %}

{% macro holds(rule, text) -%}
{% if rule.rule == 'email' %}{{ rules.is_email(text) }}
{%- elif rule.rule == 'domain' %}{{ rules.is_domain(text) }}
{%- elif rule.rule == 'phone' %}{{ sql.matches(text, "'[+][1-9][0-9]{6,14}'") }}
{%- elif rule.rule == 'country' %}{{ sql.matches(text, "'[A-Z]{2}'") }}
{%- elif rule.rule == 'url' %}{{ sql.matches(text, "'https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][^ ]*)?'") }}
{%- elif rule.rule == 'accepted_values' %}{{ text }} in ({{ sql.text_list(rule['values']) }})
{%- elif rule.rule == 'matches' %}{{ sql.matches(text, sql.text_literal(rule.pattern)) }}
{%- elif rule.rule == 'max_length' %}{{ sql.text_length(text) }} <= {{ rule.length }}
{%- elif rule.rule == 'number' %}{{ sql.try_number(text) }} is not null
{%- elif rule.rule == 'date' %}{{ sql.try_cast(text, {kind: 'date'}) }} is not null
{%- elif rule.rule == 'iso_datetime' %}{{ sql.try_timestamp(text) }} is not null
{%- endif %}
{%- endmacro %}

{% macro outside(text, rule) -%}
{%- set is_number = rule.column.type.kind == 'integer' or rule.column.type.kind == 'decimal' -%}
{%- set number = rule.column.name if is_number else sql.try_number(text) -%}
{%- set blank = rule.column.name ~ ' is null' if is_number else sql.is_blank(text) -%}
not ({{ blank }}) and not coalesce(
{%- if rule.min is not none and rule.max is not none %}{{ number }} between {{ rule.min }} and {{ rule.max }}
{%- elif rule.min is not none %}{{ number }} >= {{ rule.min }}
{%- else %}{{ number }} <= {{ rule.max }}
{%- endif %}, false)
{%- endmacro %}

{# Deliberately plain: local part of common characters, no dot at an edge or twice, a domain with a top level of letters. #}
{% macro is_email(text) -%}
({{ sql.matches(text, "'[A-Za-z0-9!#$%&*+/=?^_`{|}~-]+([.][A-Za-z0-9!#$%&*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?[.])+[A-Za-z]{2,63}'") }} and {{ sql.text_length(text) }} <= 254)
{%- endmacro %}

{% macro is_domain(text) -%}
({{ sql.matches(text, "'([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?[.])+[A-Za-z]{2,63}'") }} and {{ sql.text_length(text) }} <= 253)
{%- endmacro %}

{# What the CRM's own description of a field allows; the limits are those of runner/sync/field-limits.ts. -#}
{% macro breaks_limit(field, limit) -%}
{%- set desired = 'desired_' ~ field.slug -%}
{% if limit.name == 'not_allowed' %}{% if limit['values'].length > 0 %}{{ desired }} not in ({{ sql.text_list(limit['values']) }}){% else %}{{ desired }} is not null{% endif %}
{%- elif limit.name == 'part_not_allowed' %}not {{ sql.matches(desired, sql.text_literal(limit.pattern)) }}
{%- elif limit.name == 'too_many' %}{{ sql.text_length(desired) }} - {{ sql.text_length("replace(" ~ desired ~ ", ';', '')") }} >= {{ limit.most }}
{%- elif limit.name == 'out_of_range' %}abs({{ desired }}) >= {{ limit.bound }}
{%- elif limit.name == 'not_finite' %}{{ desired }} - {{ desired }} <> 0
{%- elif limit.name == 'too_precise' %}{{ desired }} <> round({{ desired }}, {{ limit.most }})
{%- elif limit.name == 'too_many_digits' %}abs({{ desired }}) >= {{ limit.bound }} and {{ sql.text_length(rules.significant_digits(desired, field.type)) }} > {{ limit.most }}
{%- elif limit.name == 'malformed_id' %}not {{ destination.is_record_id(desired) }}
{%- elif limit.name == 'out_of_days' %}not {{ desired }} between {{ sql.cast(sql.text_literal(limit.first), field.type) }} and {{ rules.last_moment(limit.last, field.type) }}
{%- elif limit.name == 'own_record' %}{{ policies.match_form(sql.canonical(desired, field.type), field.reference.fold) }} = {{ policies.match_form('match_value', field.reference.fold) }}
{%- elif limit.name == 'not_in_pipeline' %}case {{ limit.pipeline.column }} {% for entry in limit.pipeline.stages %}when {{ sql.text_literal(entry.pipeline) }} then {% if entry['values'].length > 0 %}{{ desired }} not in ({{ sql.text_list(entry['values']) }}){% else %}{{ desired }} is not null{% endif %} {% endfor %}else false end
{%- else %}{{ rules.exceeds(desired, limit) }}
{%- endif %}
{%- endmacro %}

{# Limits that need the value only. #}
{% macro exceeds(value, limit) -%}
{% if limit.name == 'too_long' %}{{ rules.is_longer(value, limit.most) }}
{%- elif limit.name == 'too_short' %}{{ sql.text_length(value) }} < {{ limit.most }}
{%- elif limit.name == 'invalid_email' %}not {{ rules.is_email(value) }}
{%- elif limit.name == 'invalid_domain' %}not {{ rules.is_domain(value) }}
{%- elif limit.name == 'below_minimum' %}{{ value }} < {{ limit.bound }}
{%- elif limit.name == 'above_maximum' %}{{ value }} > {{ limit.bound }}
{%- elif limit.name == 'not_matching' %}not {{ sql.matches(value, sql.text_literal(limit.pattern)) }}
{%- elif limit.name == 'other_domain' %}lower({{ sql.split_part(value, "'@'", 2) }}) not in ({{ sql.text_list(limit['values']) }})
{%- elif limit.name == 'blocked_domain' %}lower({{ sql.split_part(value, "'@'", 2) }}) in ({{ sql.text_list(limit['values']) }})
{%- endif %}
{%- endmacro %}

{# CRMs count UTF-16 units: what lies outside the basic plane counts twice. Few values are as many bytes as the limit, so few are counted. -#}
{% macro is_longer(text, most) %}{{ sql.byte_count(text) }} > {{ most }} and {{ sql.text_length(text) }} + {{ sql.text_length(sql.beyond_basic_plane(text)) }} > {{ most }}{% endmacro %}

{% macro significant_digits(number, type) %}trim(both '0' from replace(replace({{ sql.canonical(number, type) }}, '.', ''), '-', '')){% endmacro %}

{% macro last_moment(day, type) %}{{ sql.cast(sql.text_literal(day ~ ' 23:59:59' if type.kind == 'timestamp' else day), type) }}{% endmacro %}
