{% macro email(expr) %}trim({{ expr }}){% endmacro %}
{% macro phone(expr) %}trim({{ expr }}){% endmacro %}
{% macro domain(expr) %}trim({{ expr }}){% endmacro %}
{% macro country(expr) %}trim({{ expr }}){% endmacro %}
{% macro name(expr) %}trim({{ expr }}){% endmacro %}
