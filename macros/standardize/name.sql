{#
  Trimmed, with single spaces. The writer's capitals stay, except when there is no choice in them: all lower case, or
  all upper case and longer than an abbreviation (IBM, SAP, 3M).
#}
{% macro name(expr) -%}
{%- set plain = standardize.single_line(expr) -%}
case
    when {{ plain }} = lower({{ plain }}) and {{ plain }} <> upper({{ plain }}) then {{ sql.title_case(plain) }}
    when {{ plain }} = upper({{ plain }}) and {{ plain }} <> lower({{ plain }}) and {{ sql.text_length(plain) }} > 3 then {{ sql.title_case(plain) }}
    else {{ plain }}
  end
{%- endmacro %}
