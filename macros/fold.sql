{# Fold: what state holds after a plan is settled. #}

{# What a person said is to be taken as the starting point: the CRM's value of that moment. #}
{% macro base_value(field, live) %}{{ policies.typed_text(live, field.type) }}{% endmacro %}

{# A row with a field that is still held stays open, so that it is looked at again. #}
{% macro done_disposition() -%}
case when {% for field in sync.fields %}action_{{ field.slug }} = 'held' or {% endfor %}false then 'held' else 'synced' end
{%- endmacro %}

{% macro known(field) -%}
case
    when action_{{ field.slug }} in ('adopt', 'base') or is_acknowledged and action_{{ field.slug }} in ('set', 'clear') then true
    when is_unknown and action_{{ field.slug }} in ('set', 'clear') then false
    else known_{{ field.slug }}
  end
{%- endmacro %}

{# An attempt that may have been applied: what the CRM holds may be ours, so it is neither drift nor a first contact. #}
{% macro unsettled(field) -%}
case
    when action_{{ field.slug }} in ('adopt', 'base') or is_acknowledged and action_{{ field.slug }} in ('set', 'clear') then false
    when is_unknown and action_{{ field.slug }} in ('set', 'clear') then true
    else unsettled_{{ field.slug }}
  end
{%- endmacro %}

{% macro value(field) -%}
case
    when action_{{ field.slug }} = 'clear' and (is_acknowledged or is_unknown) or is_unknown and action_{{ field.slug }} = 'set' then {{ sql.null_of_type(field.type) }}
    when action_{{ field.slug }} = 'base' then {{ fold.base_value(field, 'live_' ~ field.slug) }}
    when action_{{ field.slug }} = 'adopt' or is_acknowledged and action_{{ field.slug }} = 'set' then desired_{{ field.slug }}
    when known_{{ field.slug }} then acked_{{ field.slug }}
  end
{%- endmacro %}

{# What the CRM made of the acknowledged value, where that is another text; null: it is as it was sent, or nobody knows. #}
{% macro stored(field) -%}
case
    when action_{{ field.slug }} in ('adopt', 'base') or (is_acknowledged or is_unknown) and action_{{ field.slug }} = 'clear' or is_unknown and action_{{ field.slug }} = 'set' then {{ sql.null_of('text') }}
    when is_acknowledged and action_{{ field.slug }} = 'set' then {% if field.opaque %}{{ sql.null_of('text') }}{% else %}case when {{ policies.in_another_form(field, 'desired_' ~ field.slug, 'told_' ~ field.slug) }} then told_{{ field.slug }} end{% endif %}

    when known_{{ field.slug }} then last_stored_{{ field.slug }}
  end
{%- endmacro %}

{# Null makes an open row a candidate again, 0 keeps a row that left from leaving once more. What waits for another phase of the rollout has
   a fingerprint that says so. `phases`: such rows may be there. #}
{% macro fingerprint(disposition, fingerprint, phases) %}case when {{ disposition }} = 'synced' then {{ fingerprint }} when {{ disposition }} = 'removed' then 0{% if phases %} when {{ disposition }} = 'held' and reason like 'rollout:%' then {{ fingerprint }}{% endif %} end{% endmacro %}

{# One row of the log for each row of the plan that was sent: what counts in the end. #}
{% macro last_outcomes(plan_id) -%}
select plan_id, row_no, outcome, crm_id, created, attempt, epoch, seq, logged_at
  from (
    select result.*, row_number() over (partition by row_no order by epoch desc, seq desc) as place
    from {{ run.ledger.sync_result }} as result
    where plan_id = {{ sql.text_literal(plan_id) }} and resolves_epoch <= epoch
  ) as ranked
  where place = 1
{%- endmacro %}
