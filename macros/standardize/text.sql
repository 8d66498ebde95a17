{# Without white space and invisible marks at both ends; inside, the text is left alone. #}
{% macro text(expr) %}{{ sql.trim_characters(expr, sql.invisible_characters()) }}{% endmacro %}

{# One line: every run of white space inside becomes one space. #}
{% macro single_line(expr) %}trim({{ sql.regex_replace(sql.plain_spaces(expr), "' +'", "' '") }}){% endmacro %}

{# A label out of a small set: one spelling whatever the case and the spaces. #}
{% macro tier(expr) %}lower({{ standardize.single_line(expr) }}){% endmacro %}
