{# Which rows of the model the active phase holds; see runner/sync/rollout/context-rollout.ts. #}

{# The same whole number from 0 to 9999 for a key on every warehouse: 25 % of the keys are those below 2500, and hold the 10 %. -#}
{% macro bucket(key) -%}
mod({{ sql.hex_number('substr(' ~ sql.md5(sql.text_literal(sync.rollout.salt ~ ':') ~ ' || ' ~ key) ~ ', 1, 8)', 8) }}, 10000)
{%- endmacro %}

{# Over raw columns. Keys are compared as they are spelled, also where logs know them by their hash. -#}
{% macro holds_row() -%}
coalesce({% for step in sync.rollout.steps %}{{ ' or ' if not loop.first }}{{ rollout.step_holds(step) }}{% endfor %}, false)
{%- endmacro %}

{% macro step_holds(step) -%}
{% if step.keys is not none %}{{ policies.plain_key(sync.key) }} in ({{ sql.text_list(step.keys) }}){% endif %}
{%- if step.keys is not none and (step.where is not none or step.below is not none) %} or {% endif %}
{%- if step.where is not none %}({{ step.where }}){% endif %}
{%- if step.where is not none and step.below is not none %} and {% endif %}
{%- if step.below is not none %}{{ rollout.bucket(policies.plain_key(sync.key)) }} < {{ step.below }}{% endif %}
{%- endmacro %}

{# A row outside is another row to state, and one more in every phase: it is looked at once per phase, and again when it gets in. -#}
{% macro fingerprint() -%}
{% if sync.rollout %}case when {{ rollout.holds_row() }} then {{ sql.fingerprint(sync.fingerprint) }} else {{ sql.fingerprint(sync.rollout.fingerprint) }} end
{%- else %}{{ sql.fingerprint(sync.fingerprint) }}{% endif %}
{%- endmacro %}

{# What was begun before the row was left out: read, but not taken further. -#}
{% macro leaves_out() -%}
not in_rollout and (op = 'create'{% for field in sync.fields %} or action_{{ field.slug }} in ('set', 'clear', 'held'){% endfor %})
{%- endmacro %}

{% macro reason() -%}
case when last_disposition = 'unknown' and next_attempt_at > {{ run.now }} then 'outcome_unknown' else {{ sql.text_literal(sync.rollout.reason) }} end
{%- endmacro %}
