{#
  Host name of a domain, URL or e-mail address: without scheme, user, port, path and a leading www., in lower case.
  The anything-class (.|[^.]) includes line breaks on every engine; a bare dot does not.
#}
{% macro domain(expr) -%}
{%- set without_scheme = sql.regex_replace('lower(' ~ standardize.text(expr) ~ ')', "'^([a-z][a-z0-9+.-]*:)?//'", "''") -%}
{%- set authority = sql.regex_replace(without_scheme, "'[/?#](.|[^.])*$'", "''") -%}
{%- set host = sql.regex_replace(authority, "'^[^@]*@'", "''") -%}
{%- set name = sql.regex_replace(host, "'[.]?(:[0-9]*)?$'", "''") -%}
{{ sql.regex_replace(name, "'^www[.]'", "''") }}
{%- endmacro %}
