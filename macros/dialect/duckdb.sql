{# DuckDB: what differs from default.sql. #}

{% macro type_name(type) -%}
{% if type.kind == 'text' %}varchar{% elif type.kind == 'bool' %}boolean{% elif type.kind == 'integer' %}bigint
{%- elif type.kind == 'decimal' %}decimal({{ type.precision or 38 }}, {{ type.scale if type.precision else 10 }})
{%- elif type.kind == 'date' %}date{% elif type.kind == 'timestamp' %}timestamp{% elif type.kind == 'bigint' %}bigint
{%- elif type.kind == 'hash' %}ubigint{% endif %}
{%- endmacro %}

{# Native hashes: filters and join keys inside one warehouse, never compared across warehouses or engine versions. #}
{% macro fingerprint(exprs) %}hash({% for expr in exprs %}{{ expr }}{{ ', ' if not loop.last }}{% endfor %}){% endmacro %}

{% macro key_hash(exprs) %}{{ sql.fingerprint(exprs) }}{% endmacro %}

{% macro try_cast(expr, type) %}try_cast({{ expr }} as {{ sql.type_name(type) }}){% endmacro %}

{# Any number's text as a number wide enough to compare without rounding. #}
{#- DuckDB casts text to decimals of more than 18 digits about 100 times slower, so the long way is for long numbers only. -#}
{% macro try_number(expr) -%}
(case when regexp_full_match({{ expr }}, '[+-]?[0-9]{1,12}([.][0-9]{0,6})?') then cast(try_cast({{ expr }} as decimal(18, 6)) as decimal(38, 10)) else try_cast({{ expr }} as decimal(38, 10)) end)
{%- endmacro %}

{% macro try_timestamp(expr) %}(try_cast({{ expr }} as timestamptz) at time zone 'UTC'){% endmacro %}

{% macro matches(expr, pattern) %}regexp_full_match({{ expr }}, {{ pattern }}){% endmacro %}

{% macro regex_replace(expr, pattern, replacement) %}regexp_replace({{ expr }}, {{ pattern }}, {{ replacement }}, 'g'){% endmacro %}

{# trim() costs three times what hashing the key costs; most keys have nothing to trim. #}
{% macro trimmed(expr) %}case when starts_with({{ expr }}, ' ') or ends_with({{ expr }}, ' ') then trim({{ expr }}) else {{ expr }} end{% endmacro %}

{# Looking for 36 characters costs ten times what it costs to see that both ends are printable. #}
{% macro trim_characters(expr, characters) %}case when regexp_matches({{ expr }}, '^[!-~](?s:.*)[!-~]$') then {{ expr }} else trim({{ expr }}, {{ characters }}) end{% endmacro %}

{% macro is_blank(expr) %}not coalesce(regexp_matches({{ expr }}, '[^\t-\r ]'), false){% endmacro %}

{% macro blank_to_null(expr) %}case when regexp_matches({{ expr }}, '[^\t-\r ]') then {{ expr }} end{% endmacro %}

{% macro date_text(expr) %}strftime({{ expr }}, '%Y-%m-%d'){% endmacro %}

{# Milliseconds: the finest a CRM keeps. #}
{% macro timestamp_text(expr) %}strftime({{ expr }}, '%Y-%m-%dT%H:%M:%S.%gZ'){% endmacro %}

{% macro to_utc(expr) %}({{ expr }} at time zone 'UTC'){% endmacro %}

{% macro to_milliseconds(expr) %}date_trunc('milliseconds', {{ expr }}){% endmacro %}

{% macro byte_count(expr) %}strlen({{ expr }}){% endmacro %}

{% macro json_text(expr) %}cast(to_json({{ expr }}) as varchar){% endmacro %}

{% macro md5(expr) %}md5({{ expr }}){% endmacro %}

{% macro sha256(expr) %}sha256({{ expr }}){% endmacro %}

{% macro hex_number(text, digits) %}cast('0x' || {{ text }} as bigint){% endmacro %}

{% macro now_utc() %}cast(now() at time zone 'UTC' as timestamp){% endmacro %}

{% macro seconds_from_now(seconds) %}cast(now() at time zone 'UTC' as timestamp) + to_seconds({{ seconds }}){% endmacro %}

{% macro quotient(a, b) %}({{ a }} // {{ b }}){% endmacro %}

{# Words are runs of letters and digits, as initcap of the other warehouses has it. #}
{% macro title_case(expr) %}array_to_string(list_transform(regexp_extract_all(lower({{ expr }}), '[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+'), lambda word: upper(word[1]) || word[2:]), ''){% endmacro %}

{% macro text_length(expr) %}length({{ expr }}){% endmacro %}

{# What is left when every character of the basic plane is taken out: emoji and the like. #}
{% macro beyond_basic_plane(expr) %}regexp_replace({{ expr }}, '[\x{1}-\x{FFFF}]', '', 'g'){% endmacro %}

{# The parts of a text with semicolons: trimmed, each once, in one order, none of them blank. #}
{% macro sorted_parts(expr) %}array_to_string(list_sort(list_distinct(list_filter(list_transform(string_split({{ expr }}, ';'), lambda part: trim(part, {{ sql.white_space() }})), lambda part: part <> ''))), ';'){% endmacro %}

{% macro create_table_as(relation, select) -%}
create or replace table {{ relation }} as
{{ select }}
{%- endmacro %}

{% macro create_view_as(relation, select) -%}
create or replace view {{ relation }} as
{{ select }}
{%- endmacro %}
