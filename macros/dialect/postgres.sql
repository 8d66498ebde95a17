{# Postgres 15 and later: what differs from default.sql. #}

{% macro type_name(type) -%}
{% if type.kind == 'text' %}text{% elif type.kind == 'bool' %}boolean{% elif type.kind == 'integer' %}bigint
{%- elif type.kind == 'decimal' %}{% if type.precision %}numeric({{ type.precision }}, {{ type.scale }}){% else %}numeric{% endif %}
{%- elif type.kind == 'date' %}date{% elif type.kind == 'timestamp' %}timestamp{% elif type.kind == 'bigint' or type.kind == 'hash' %}bigint{% endif %}
{%- endmacro %}

{% macro fingerprint(exprs) %}hash_record_extended(row({% for expr in exprs %}{{ expr }}{{ ', ' if not loop.last }}{% endfor %}), 0){% endmacro %}

{% macro key_hash(exprs) %}{{ sql.fingerprint(exprs) }}{% endmacro %}

{# Postgres 15 has no try_cast, so the text is checked by a pattern first and the calendar by make_date's own rules. #}
{% macro try_cast(expr, type) -%}
{% if type.kind == 'date' %}{{ sql.try_date(expr) }}
{%- elif type.kind == 'timestamp' %}{{ sql.try_timestamp(expr) }}
{%- elif type.kind == 'bool' %}(case when lower(trim({{ expr }})) in ('true', 't', '1') then true when lower(trim({{ expr }})) in ('false', 'f', '0') then false end)
{%- else %}cast({{ sql.try_number(expr) }} as {{ sql.type_name(type) }})
{%- endif %}
{%- endmacro %}

{% macro try_number(expr) %}(case when {{ expr }} ~ '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?[ ]*$' then cast({{ expr }} as numeric) end){% endmacro %}

{% macro try_date(expr) -%}
(case when {{ expr }} ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
       and substr({{ expr }}, 1, 4) <> '0000'
       and cast(substr({{ expr }}, 9, 2) as integer) <= extract(day from (cast(substr({{ expr }}, 1, 7) || '-01' as date) + interval '1 month - 1 day'))
      then cast({{ expr }} as date) end)
{%- endmacro %}

{% macro try_timestamp(expr) -%}
(case when {{ expr }} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?$'
       and {{ sql.try_date('substr(' ~ expr ~ ', 1, 10)') }} is not null
      then cast({{ expr }} as timestamptz) at time zone 'UTC' end)
{%- endmacro %}

{% macro matches(expr, pattern) %}({{ expr }} ~ ('^(?:' || {{ pattern }} || ')$')){% endmacro %}

{% macro regex_replace(expr, pattern, replacement) %}regexp_replace({{ expr }}, {{ pattern }}, {{ replacement }}, 'g'){% endmacro %}

{% macro date_text(expr) %}to_char({{ expr }}, 'YYYY-MM-DD'){% endmacro %}

{% macro timestamp_text(expr) %}to_char({{ expr }}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'){% endmacro %}

{% macro to_utc(expr) %}({{ expr }} at time zone 'UTC'){% endmacro %}

{% macro to_milliseconds(expr) %}date_trunc('milliseconds', {{ expr }}){% endmacro %}

{% macro json_text(expr) %}cast(to_json(cast({{ expr }} as text)) as text){% endmacro %}

{% macro md5(expr) %}md5({{ expr }}){% endmacro %}

{% macro sha256(expr) %}encode(sha256(convert_to({{ expr }}, 'UTF8')), 'hex'){% endmacro %}

{% macro now_utc() %}(clock_timestamp() at time zone 'UTC'){% endmacro %}

{% macro seconds_from_now(seconds) %}(clock_timestamp() at time zone 'UTC') + make_interval(secs => {{ seconds }}){% endmacro %}

{% macro title_case(expr) %}initcap({{ expr }}){% endmacro %}

{% macro text_length(expr) %}char_length({{ expr }}){% endmacro %}

{# What is left when every character of the basic plane is taken out: emoji and the like. #}
{% macro beyond_basic_plane(expr) %}regexp_replace({{ expr }}, '[\u0001-\uFFFF]', '', 'g'){% endmacro %}

{# The parts of a text with semicolons: trimmed, each once, in one order, none of them blank. #}
{% macro sorted_parts(expr) -%}
(select string_agg(part, ';' order by part collate "C") from (select distinct trim(both {{ sql.white_space() }} from piece) as part from unnest(string_to_array({{ expr }}, ';')) as piece) as parts where part <> '')
{%- endmacro %}

{# A fresh table has no statistics until autovacuum comes by, and a plan without them can be a nested loop. #}
{% macro create_table_as(relation, select) -%}
drop table if exists {{ relation }} cascade
--;;
create table {{ relation }} as
{{ select }}
--;;
analyze {{ relation }}
{%- endmacro %}

{% macro create_view_as(relation, select) -%}
drop view if exists {{ relation }} cascade
--;;
create view {{ relation }} as
{{ select }}
{%- endmacro %}

{% macro drop_relation(relation, kind) %}drop {{ kind }} if exists {{ relation }} cascade{% endmacro %}
