{# SQLite, for the simulation only: what differs from default.sql. Functions named bf_… are registered by sqlite-functions.ts. #}

{% macro type_name(type) -%}
{% if type.kind == 'text' or type.kind == 'date' %}text{% elif type.kind == 'bool' %}boolean{% elif type.kind == 'decimal' %}numeric
{%- elif type.kind == 'timestamp' %}timestamp{% else %}integer{% endif %}
{%- endmacro %}

{% macro cast(expr, type) -%}
{% if type.kind == 'timestamp' %}bf_moment({{ expr }}){% elif type.kind == 'bool' %}cast({{ expr }} as integer){% else %}cast({{ expr }} as {{ sql.type_name(type) }}){% endif %}
{%- endmacro %}

{% macro fingerprint(exprs) %}cast(bf_hash({% for expr in exprs %}{{ expr }}{{ ', ' if not loop.last }}{% endfor %}) as integer){% endmacro %}

{% macro key_hash(exprs) %}{{ sql.fingerprint(exprs) }}{% endmacro %}

{% macro try_cast(expr, type) -%}
{% if type.kind == 'bool' %}(case {{ expr }} when 'true' then 1 when 'false' then 0 end){% else %}{{ sql.cast(expr, type) }}{% endif %}
{%- endmacro %}

{% macro try_number(expr) %}cast({{ expr }} as numeric){% endmacro %}

{% macro try_timestamp(expr) %}bf_moment({{ expr }}){% endmacro %}

{% macro matches(expr, pattern) %}bf_matches({{ expr }}, {{ pattern }}){% endmacro %}

{% macro regex_replace(expr, pattern, replacement) %}bf_replace({{ expr }}, {{ pattern }}, {{ replacement }}){% endmacro %}

{% macro trim_characters(expr, characters) %}trim({{ expr }}, {{ characters }}){% endmacro %}

{% macro date_text(expr) %}{{ expr }}{% endmacro %}

{% macro timestamp_text(expr) %}{{ expr }}{% endmacro %}

{% macro to_utc(expr) %}{{ expr }}{% endmacro %}

{% macro to_seconds(expr) %}{{ expr }}{% endmacro %}

{% macro to_milliseconds(expr) %}{{ expr }}{% endmacro %}

{% macro json_text(expr) %}bf_json({{ expr }}){% endmacro %}

{% macro md5(expr) %}bf_md5({{ expr }}){% endmacro %}

{% macro sha256(expr) %}bf_sha256({{ expr }}){% endmacro %}

{% macro now_utc() %}bf_now(0){% endmacro %}

{% macro seconds_from_now(seconds) %}bf_now({{ seconds }}){% endmacro %}

{% macro seconds_after(moment, seconds) %}bf_later({{ moment }}, {{ seconds }}){% endmacro %}

{% macro title_case(expr) %}{{ expr }}{% endmacro %}

{% macro text_length(expr) %}length({{ expr }}){% endmacro %}

{% macro beyond_basic_plane(expr) %}''{% endmacro %}

{% macro sorted_parts(expr) %}{{ expr }}{% endmacro %}

{# The warehouse of the simulation keeps the table where its shape is the same, and only fills it anew. #}
{% macro create_table_as(relation, select) -%}
create table {{ relation }} as
{{ select }}
{%- endmacro %}

{% macro create_view_as(relation, select) -%}
create view {{ relation }} as
{{ select }}
{%- endmacro %}
