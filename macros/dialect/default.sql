{#
  Primitives every other macro and model is written with. Arguments are SQL expression texts unless said otherwise.
  Only files in this folder may know a warehouse. A primitive that cannot be right by default is left out here and
  must be given by each warehouse; a missing name fails when the macros are loaded.
#}

{# ---- names and literals ---- #}

{% macro identifier(name) %}"{{ name | replace('"', '""') }}"{% endmacro %}

{# A quoted SQL text literal. For names and constants of the project's authors; values of rows never become literals. #}
{% macro text_literal(value) %}'{{ value | string | replace("'", "''") }}'{% endmacro %}

{% macro text_list(values) %}{% for value in values %}{{ sql.text_literal(value) }}{{ ', ' if not loop.last }}{% endfor %}{% endmacro %}

{# ---- types: text bool integer decimal date timestamp, and for our own tables bigint and hash ---- #}

{% macro cast(expr, type) %}cast({{ expr }} as {{ sql.type_name(type) }}){% endmacro %}

{% macro null_of(kind) %}{{ sql.cast('null', {kind: kind}) }}{% endmacro %}

{% macro null_of_type(type) %}{{ sql.cast('null', type) }}{% endmacro %}

{# Whole-number division, towards zero. #}
{% macro quotient(a, b) %}({{ a }} / {{ b }}){% endmacro %}

{# ---- comparison ---- #}

{% macro is_distinct(a, b) %}{{ a }} is distinct from {{ b }}{% endmacro %}

{% macro is_same(a, b) %}{{ a }} is not distinct from {{ b }}{% endmacro %}

{% macro count_where(condition) %}count(case when {{ condition }} then 1 end){% endmacro %}

{# ---- text ---- #}

{# Without leading and trailing spaces; runs over every row of a source. #}
{% macro trimmed(expr) %}trim({{ expr }}){% endmacro %}

{# Nothing but white space: what a CRM stores as no value. #}
{% macro is_blank(expr) %}coalesce({{ sql.trim_characters(expr, sql.white_space()) }}, '') = ''{% endmacro %}

{% macro blank_to_null(expr) %}case when {{ sql.trim_characters(expr, sql.white_space()) }} = '' then null else {{ expr }} end{% endmacro %}

{# Tab to carriage return, and the space: what both CRMs trim. #}
{% macro white_space() %}chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' '{% endmacro %}

{% macro concat(parts) %}{% for part in parts %}{{ part }}{{ ' || ' if not loop.last }}{% endfor %}{% endmacro %}

{# Both arguments are SQL texts; every character of `characters`, white space and invisible marks only, goes at both ends. #}
{% macro trim_characters(expr, characters) %}trim(both {{ characters }} from {{ expr }}){% endmacro %}

{# White space of every script, and marks that copying from other programs leaves: zero width, soft hyphen, direction, byte order. #}
{% macro invisible_characters() -%}
{% for code in [9, 10, 11, 12, 13, 133, 160, 173, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8203, 8206, 8207, 8232, 8233, 8234, 8235, 8236, 8237, 8238, 8239, 8287, 8288, 12288, 65279] %}chr({{ code }}) || {% endfor %}' '
{%- endmacro %}

{# The replacement is as long as the list above: what has no counterpart would be dropped. #}
{% macro plain_spaces(expr) %}translate({{ expr }}, {{ sql.invisible_characters() }}, '                                    '){% endmacro %}

{# Full-width and Arabic digits, plus, brackets and the many dashes as their ASCII counterparts. #}
{% macro ascii_digits(expr) %}translate({{ expr }}, '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹＋（）‐‑‒–—―−－', '012345678901234567890123456789+()--------'){% endmacro %}

{# Latin letters only; other letters stay as they are. #}
{% macro without_accents(expr) %}translate({{ expr }}, 'àáâãäåāăąçćĉċčďđèéêëēĕėęěĝğġģĥħìíîïĩīĭįıĵķĺļľłñńņňòóôõöøōŏőŕŗřśŝşšșţťŧțùúûüũūŭůűųŵýÿŷźżžÀÁÂÃÄÅĀĂĄÇĆĈĊČĎĐÈÉÊËĒĔĖĘĚĜĞĠĢĤĦÌÍÎÏĨĪĬĮİĴĶĹĻĽŁÑŃŅŇÒÓÔÕÖØŌŎŐŔŖŘŚŜŞŠȘŢŤŦȚÙÚÛÜŨŪŬŮŰŲŴÝŸŶŹŻŽ', 'aaaaaaaaacccccddeeeeeeeeegggghhiiiiiiiiijkllllnnnnooooooooorrrsssssttttuuuuuuuuuuwyyyzzzAAAAAAAAACCCCCDDEEEEEEEEEGGGGHHIIIIIIIIIJKLLLLNNNNOOOOOOOOORRRSSSSSTTTTUUUUUUUUUUWYYYZZZ'){% endmacro %}

{# The n-th piece, counted from 1; empty text when there is none. #}
{% macro split_part(expr, separator, n) %}split_part({{ expr }}, {{ separator }}, {{ n }}){% endmacro %}

{# A number's text without trailing zeros: 1.10 and 1.1 are one number. Exact, and far cheaper than a cast. #}
{% macro plain_number(text) %}case when {{ text }} like '%.%' then rtrim(rtrim({{ text }}, '0'), '.') else {{ text }} end{% endmacro %}

{# The number that `digits` hexadecimal digits in small letters mean; at most fifteen of them. #}
{% macro hex_number(text, digits) -%}
({% for place in range(0, digits) %}{{ ' + ' if not loop.first }}(position(substr({{ text }}, {{ digits - place }}, 1) in '0123456789abcdef') - 1) * {{ sql.cast(16 ** place, {kind: 'bigint'}) }}{% endfor %})
{%- endmacro %}

{# Milliseconds and what is finer are cut off, not rounded. #}
{% macro to_seconds(expr) %}date_trunc('second', {{ expr }}){% endmacro %}

{# Both are expressions; seconds are whole. #}
{% macro seconds_after(moment, seconds) %}{{ moment }} + interval '1 second' * ({{ seconds }}){% endmacro %}

{# ---- canonical text: the one spelling of a value in bodies, logs and audit ---- #}

{% macro canonical(expr, type) -%}
{% if type.kind == 'bool' %}case when {{ expr }} then 'true' when not {{ expr }} then 'false' end
{%- elif type.kind == 'date' %}{{ sql.date_text(expr) }}
{%- elif type.kind == 'timestamp' %}{{ sql.timestamp_text(expr) }}
{%- elif type.kind == 'text' %}{{ expr }}
{%- else %}{{ sql.cast(expr, {kind: 'text'}) }}
{%- endif %}
{%- endmacro %}

{# Of a text in UTF-8. #}
{% macro byte_count(expr) %}octet_length({{ expr }}){% endmacro %}

{# md5 over texts in an order; an aggregate. The texts of one group are few and short. #}
{% macro ordered_digest(expr, order) %}{{ sql.md5("coalesce(string_agg(" ~ expr ~ ", '' order by " ~ order ~ "), '')") }}{% endmacro %}

{# ---- relations; several statements are separated by a line that is exactly --;; ---- #}

{% macro create_schema(schema) %}create schema if not exists {{ schema }}{% endmacro %}

{# One row, or none. #}
{% macro schema_exists(schema) %}select 1 from information_schema.schemata where lower(schema_name) = lower({{ sql.text_literal(schema) }}) limit 1{% endmacro %}

{% macro create_table(relation, columns) -%}
create table if not exists {{ relation }} (
{%- for column in columns %}
  {{ column.name }} {{ sql.type_name(column) }}{{ ',' if not loop.last }}
{%- endfor %}
)
{%- endmacro %}

{% macro add_column(relation, column) %}alter table {{ relation }} add column {{ column.name }} {{ sql.type_name(column) }}{% endmacro %}

{% macro alter_type(relation, column) %}alter table {{ relation }} alter column {{ column.name }} type {{ sql.type_name(column) }}{% endmacro %}

{% macro insert_select(relation, columns, select) -%}
insert into {{ relation }} ({% for column in columns %}{{ column }}{{ ', ' if not loop.last }}{% endfor %})
{{ select }}
{%- endmacro %}

{# `name` is without schema. #}
{% macro rename_table(relation, name) %}alter table {{ relation }} rename to {{ name }}{% endmacro %}

{% macro drop_table(relation) %}drop table if exists {{ relation }}{% endmacro %}

{# For what stands in the way of a table or view of the same name. kind: 'table' or 'view'. #}
{% macro drop_relation(relation, kind) %}drop {{ kind }} if exists {{ relation }}{% endmacro %}

{# One row, 'table' or 'view', or none. #}
{% macro relation_kind(schema, name) -%}
select case when table_type like '%VIEW%' then 'view' else 'table' end
from information_schema.tables
where lower(table_schema) = lower({{ sql.text_literal(schema) }}) and lower(table_name) = lower({{ sql.text_literal(name) }})
{%- endmacro %}

{# Columns whose type is already spelled the warehouse's way: seeds with a data_type. #}
{% macro create_typed_table(relation, columns) -%}
create table {{ relation }} (
{%- for column in columns %}
  {{ column.name }} {{ column.type }}{{ ',' if not loop.last }}
{%- endfor %}
)
{%- endmacro %}

{# State is folded by delete and insert: five times cheaper than MERGE on engines with transactions. #}
{% macro fold(relation, source, columns) -%}
delete from {{ relation }} where row_key in (select row_key from {{ source }})
--;;
insert into {{ relation }} ({% for column in columns %}{{ column }}{{ ', ' if not loop.last }}{% endfor %})
select {% for column in columns %}{{ column }}{{ ', ' if not loop.last }}{% endfor %} from {{ source }}
{%- endmacro %}
