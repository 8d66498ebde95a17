{# Lower case, trimmed. Plus-addresses and dots stay: they are different mailboxes at most providers. #}
{% macro email(expr) %}lower({{ standardize.text(expr) }}){% endmacro %}
