{# Rows that left the model, as on_removed says; see runner/sync/removals/context-removal.ts. #}

{# Why nothing may be done yet: each condition that is not met has a name of its own. -#}
{% macro waits(row) -%}
case
{% if run.removal.blocks_all is not none %}
      when true then {{ sql.text_literal(run.removal.blocks_all) }}
{% endif %}
{% if sync.rollout %}
      when true then {{ sql.text_literal(sync.rollout.reason) }}
{% endif %}
{% if run.removal.model_changed %}
      when {{ row }}.missed_at is null then 'removal:model_changed'
{% endif %}
      when {{ row }}.missed_by = 'model_changed' then 'removal:model_changed'
{% if sync.removal.action == 'delete' %}
      when {{ sql.is_distinct(row ~ '.mapping_hash', sql.text_literal(sync.mapping_hash)) }} then 'delete:mapping_changed'
      when not exists (
        select 1 from {{ run.ledger.sync_identity }} as identity
        where identity.org_id = {{ sql.text_literal(run.org_id) }} and identity.sync_name = {{ sql.text_literal(sync.name) }}
          and identity.row_key = {{ row }}.row_key and identity.crm_id = {{ row }}.crm_id and identity.how in ('created', 'adopted')
      ) then 'delete:not_ours'
{% if sync.removal.loses_values %}
      when true then 'delete:values_not_kept'
{% endif %}
      when {{ row }}.missed_at is null then 'delete:first_missed'
      when {{ row }}.missed_at > {{ run.removal.missed_before }} then 'delete:missed_lately'
{% if run.removal.blocks_deletes is not none %}
      when true then {{ sql.text_literal(run.removal.blocks_deletes) }}
{% endif %}
{% endif %}
    end
{%- endmacro %}

{# ---- what was acknowledged, what the CRM holds now, and what the removal would write ---- #}

{# What we wrote last. After an attempt nobody saw the end of it stays the base: the value before that attempt. -#}
{% macro has_base(field) %}(known_{{ field.slug }} or unsettled_{{ field.slug }} and acked_{{ field.slug }} is not null){% endmacro %}

{% macro is_base(field) -%}
coalesce(case when acked_{{ field.slug }} is null then {{ sql.is_blank('live_' ~ field.slug) }} else {{ policies.same_value(field, sql.cast('acked_' ~ field.slug, field.type), 'live_' ~ field.slug) }} end, false)
{%- endmacro %}

{% macro constant(field) -%}
{% if field.removal and field.removal.action == 'set' %}{{ policies.typed_constant(field, field.removal.constant) }}{% else %}{{ sql.null_of_type(field.type) }}{% endif %}
{%- endmacro %}

{#
  One field of one row whose record was read: clear or set while the CRM still holds what we wrote, drift when somebody has changed it,
  adopt when it is as wanted already; of a record that is to be deleted, what it holds.
-#}
{% macro field_action(field) -%}
case
      when not is_live then 'none'
{% if sync.removal.action == 'delete' %}
      when {{ removals.has_base(field) }}{% if not field.opaque %} and not {{ removals.is_base(field) }}{% endif %} then {{ "'delete'" if field.opaque else "'drift'" }}
      when {{ sql.is_blank('live_' ~ field.slug) }} then 'none'
      else 'delete'
{% elif not field.removal %}
      else 'none'
{% elif field.removal.action == 'clear' %}
      when not {{ removals.has_base(field) }} then 'none'
      when {{ sql.is_blank('live_' ~ field.slug) }} then case when known_{{ field.slug }} and acked_{{ field.slug }} is null then 'none' else 'adopt' end
      when {{ removals.is_base(field) }} then 'clear'
      else 'drift'
{% else %}
      when coalesce({{ policies.same_value(field, removals.constant(field), 'live_' ~ field.slug) }}, false) then case when known_{{ field.slug }} and {{ sql.is_same('acked_' ~ field.slug, removals.constant(field)) }} then 'none' else 'adopt' end
      when {{ removals.has_base(field) }} and not {{ removals.is_base(field) }} then 'drift'
      else 'set'
{% endif %}

    end
{%- endmacro %}

{% macro any_action(actions) -%}
({% for field in sync.fields %}action_{{ field.slug }} in ({{ sql.text_list(actions) }}){{ ' or ' if not loop.last }}{% endfor %})
{%- endmacro %}

{# A record that is gone, or that another one has taken in, is left alone. -#}
{% macro decision() -%}
case
      when waits is not null then 'held'
      when not is_live then 'removed'
{% if sync.removal.action == 'delete' %}
{% if run.removal.blocks_deletes is not none %}
      when true then 'held'
{% endif %}
      when {{ removals.any_action(['drift']) }} then 'held'
      else 'send'
{% else %}
      when {{ removals.any_action(['clear', 'set']) }} then 'send'
      else 'removed'
{% endif %}
    end
{%- endmacro %}

{% macro reason() -%}
case
      when waits is not null then waits
{% if sync.removal.action == 'delete' %}
      when not is_live and disposition = 'unknown' then 'record_deleted'
{% if run.removal.blocks_deletes is not none %}
      when is_live then {{ sql.text_literal(run.removal.blocks_deletes) }}
{% endif %}
      when is_live and {{ removals.any_action(['drift']) }} then 'delete:edited'
{% endif %}
      else 'left_the_model'
    end
{%- endmacro %}

{# ---- sending: by record id, behind all other requests, deletes last ---- #}

{% macro is_removal(row) %}{{ row }}.reason = 'left_the_model' and {{ row }}.fingerprint is null{% endmacro %}

{% macro payload(row) -%}
case
      when not ({{ removals.is_removal(row) }}) then {{ destination.body(row) }}
{% if sync.removal.action == 'delete' %}
      else {{ destination.delete_body(row) }}
{% else %}
      else {{ destination.update_body(row) }}
{% endif %}
    end
{%- endmacro %}

{# 0: as the sync writes; 1: updates by record id; 2: deletes. -#}
{% macro route() -%}
case when op = 'delete' then 2 when reason = 'left_the_model' and fingerprint is null then 1 else 0 end
{%- endmacro %}

{# The rows of `decisions` that left the model, in its columns. -#}
{% macro decided_rows() -%}
select
  row_key,
  key_hash,
  {{ sql.null_of('hash') }},
  {{ sql.null_of('text') }},
  case when decision = 'send' then {{ "'delete'" if sync.removal.action == 'delete' else "'update'" }} end,
{%- if sync.match.has_aliases %}
  false,
{%- endif %}
{% if sync.association %}
  {{ sql.null_of('text') }},
{% endif %}
  decision,
  reason,
  crm_id,
  match_hash,
  sent_fingerprint,
  disposition,
  payload_hash,
  mapping_hash,
  next_attempt_at
{%- for field in sync.fields %},
  case when decision = 'held' and action_{{ field.slug }} <> 'drift' then 'none' else action_{{ field.slug }} end,
  case when action_{{ field.slug }} = 'set' or action_{{ field.slug }} = 'adopt' then {{ removals.constant(field) }} end,
  live_{{ field.slug }},
  coalesce(known_{{ field.slug }}, false),
  coalesce(unsettled_{{ field.slug }}, false),
  acked_{{ field.slug }}
{%- endfor %}

from (
  select acted.*, {{ removals.decision() }} as decision, {{ removals.reason() }} as reason
  from (
    select met.*
{%- for field in sync.fields %},
    {{ removals.field_action(field) }} as action_{{ field.slug }}
{%- endfor %}

    from (
      select known.*, removals.waits, coalesce(removals.waits is null and records.record_id is not null, false) as is_live
{%- for field in sync.fields %},
        records.live_{{ field.slug }}
{%- endfor %}

      from {{ sync.work.known }} as known
      left join {{ sync.work.removals }} as removals on removals.row_key = known.row_key
      left join {{ sync.work.removal_records }} as records on records.record_id = known.crm_id
      where known.row_key not in (select row_key from {{ sync.work.staging }} where row_key is not null)
    ) as met
  ) as acted
) as decided
{%- endmacro %}

{# ---- fold: a deleted record holds nothing of ours; an attempt to clear or set leaves its base in place until it is read ---- #}

{% macro folded_known(field) -%}
case when is_deleted then false else {{ fold.known(field) }} end
{%- endmacro %}

{% macro folded_value(field) -%}
case when is_deleted then {{ sql.null_of_type(field.type) }} when is_missed and action_{{ field.slug }} <> 'adopt' and not (coalesce(is_acknowledged, false) and action_{{ field.slug }} in ('set', 'clear')) then acked_{{ field.slug }} else {{ fold.value(field) }} end
{%- endmacro %}

{# What is archived is named by its id alone. -#}
{% macro framed(payload, change_id) -%}
{% if sync.removal and sync.removal.action == 'delete' and sync.destination == 'hubspot' -%}
case when op = 'delete' then '{' || {{ payload }} || '}' else {{ destination.framed(payload, change_id) }} end
{%- else -%}
{{ destination.framed(payload, change_id) }}
{%- endif %}
{%- endmacro %}

{# A field that is cleared because its row left is cleared by that rule and no other. -#}
{% macro null_policy(field) -%}
case when fingerprint is null and reason = 'left_the_model' then 'on_removed' else {{ sql.text_literal(field.null_policy) }} end
{%- endmacro %}

{% macro folded_stored(field) -%}
case when is_deleted then {{ sql.null_of('text') }} else {{ fold.stored(field) }} end
{%- endmacro %}
