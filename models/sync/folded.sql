-- Grain: one key of a settled plan, as state shall hold it from now on. Key: row_key. Read from the plan and the log only.
{{ config(materialized='table') }}
with outcomes as (
  {{ fold.last_outcomes(run.plan_id) }}
),
{# What the CRM says it stored; the answer of a row and what was read back are the same text. -#}
told as (
  select
    row_no
{%- for field in sync.fields %},
    max(case when field = {{ sql.text_literal(field.to) }} then value end) as told_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.stored }}
  where plan_id = {{ sql.text_literal(run.plan_id) }}
  group by row_no
),
settled as (
  select
    changes.*,
{%- for field in sync.fields %}
    told.told_{{ field.slug }},
    state.stored_{{ field.slug }} as last_stored_{{ field.slug }},
{%- endfor %}

    outcomes.outcome,
    outcomes.crm_id as outcome_crm_id,
    outcomes.epoch as outcome_epoch,
    outcomes.seq as outcome_seq,
    outcomes.logged_at as outcome_at,
    state.attempts as last_attempts,
    state.payload_hash as state_payload_hash,
    state.crm_id as state_crm_id,
    state.epoch as state_epoch,
    state.seq as state_seq
{%- if sync.removal %},
    case when state.disposition <> 'removed' then state.missed_at end as state_missed_at,
    case when state.disposition <> 'removed' then state.missed_by end as state_missed_by
{%- endif %}

  from {{ sync.work.changes }} as changes
  left join outcomes on outcomes.row_no = changes.seq
  left join told on told.row_no = changes.seq
  left join {{ sync.state }} as state on state.row_key = changes.row_key
  where changes.row_key is not null
    and changes.plan_id = {{ sql.text_literal(run.plan_id) }}
    {# Looked at and left as it is, in state too. -#}
    and changes.decision <> 'kept'
    {# Not settled yet: state still says what was sent last. -#}
    and not (changes.decision = 'held' and changes.reason = 'outcome_unknown')
),
disposed as (
  select
    settled.*,
    case
{% if sync.removal %}
      when decision = 'send' and outcome = 'succeeded' and reason = 'left_the_model' and fingerprint is null then 'removed'
{% endif %}
      when decision = 'send' then case when outcome = 'succeeded' then {{ fold.done_disposition() }} else coalesce(outcome, 'retryable') end
      when reason = 'adopted' then 'adopted'
      when decision = 'noop' then {{ fold.done_disposition() }}
      when decision = 'held' and reason = 'rejected_unchanged' then 'rejected'
      else decision
    end as disposition,
    outcome = 'succeeded' as is_acknowledged,
    outcome = 'unknown' as is_unknown,
{% if sync.removal %}
    op = 'delete' and outcome = 'succeeded' or reason = 'record_deleted' as is_deleted,
    {{ 'false' if run.removal.blocks_all is not none else 'fingerprint is null' }} as is_missed,
{% endif %}
    case when outcome = 'rejected' then case when state_payload_hash = payload_hash then coalesce(last_attempts, 0) else 0 end + 1 when decision = 'held' then last_attempts end as attempts
  from settled
)
select
  key_hash,
  row_key,
  {{ 'case when is_deleted is not true then coalesce(outcome_crm_id, crm_id, state_crm_id) end' if sync.removal else 'coalesce(outcome_crm_id, crm_id, state_crm_id)' }} as crm_id,
  {{ fold.fingerprint('disposition', 'fingerprint', sync.rollout) }} as fingerprint,
  {{ sql.text_literal(sync.mapping_hash) }} as mapping_hash,
  disposition,
  match_hash,
  case when is_unknown then fingerprint end as sent_fingerprint,
  disposition not in ('synced', 'removed') as is_open,
  payload_hash,
  attempts,
  case
    when outcome = 'rejected' then {{ sql.seconds_after(run.now, '3600 * least(24, attempts * attempts)') }}
    when outcome = 'unknown' then {{ sql.seconds_after('outcome_at', '150') }}
    else next_attempt_at
  end as next_attempt_at,
  coalesce(outcome_epoch, state_epoch) as epoch,
  coalesce(outcome_seq, state_seq) as seq
{%- if sync.removal %},
  case when is_missed then coalesce(state_missed_at, {{ run.now }}) end as missed_at,
  case when is_missed then coalesce(state_missed_by, {{ sql.text_literal('model_changed' if run.removal.model_changed else 'rows') }}) end as missed_by
{%- endif %}
{%- for field in sync.fields %},
  {{ removals.folded_known(field) if sync.removal else fold.known(field) }} as known_{{ field.slug }},
  {{ removals.folded_value(field) if sync.removal else fold.value(field) }} as acked_{{ field.slug }},
  {% if field.write == 'on_create' %}false{% else %}{{ fold.unsettled(field) }}{% endif %} as unsettled_{{ field.slug }},
  {{ removals.folded_stored(field) if sync.removal else fold.stored(field) }} as stored_{{ field.slug }}
{%- endfor %}

from disposed
