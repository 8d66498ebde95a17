-- Grain: one row of the reverted run. Key: row_key. Takes the place of decisions: wanted is the before-image, wherever the CRM still holds what the run wrote.
-- The fingerprint is null: the row stays open, so that the next run of the sync plans it again.
{{ config(materialized='view', as='decisions') }}
with live_records as (
  select
    match_value as asked_id,
    min(record_id) as record_id,
    max(own_match_value) as own_match_value
{%- for field in sync.fields %},
    max(live_{{ field.slug }}) as live_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.snapshot }}
  group by match_value
),
rows_met as (
  select
    written.*,
    coalesce(written.why_row, case
      when state.row_key is not null and {{ sql.is_distinct('state.crm_id', 'written.crm_id') }} then 'record_changed'
      when live_records.record_id is null then 'record_gone'
      when live_records.record_id <> written.crm_id then 'record_merged'
    end) as why,
    live_records.own_match_value,
    state.match_hash as last_match_hash,
    state.disposition as last_disposition,
    state.mapping_hash as last_mapping_hash,
    state.next_attempt_at as next_attempt_at
{%- for field in sync.fields %},
    live_records.live_{{ field.slug }} as live_{{ field.slug }},
    coalesce(state.known_{{ field.slug }}, false) as known_{{ field.slug }},
    coalesce(state.unsettled_{{ field.slug }}, false) as unsettled_{{ field.slug }},
    state.acked_{{ field.slug }} as acked_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.written }} as written
  left join live_records on live_records.asked_id = written.crm_id
  left join {{ sync.work.known }} as state on state.row_key = written.row_key
),
fields_decided as (
  select
    rows_met.*
{%- for field in sync.fields %},
    {{ restores.action(field) }} as action_{{ field.slug }}
{%- endfor %}

  from rows_met
)
select
  row_key,
  key_hash,
  {{ sql.null_of('hash') }} as fingerprint,
  own_match_value as match_value,
  case when why_row is null then 'update' end as op,
{%- if sync.match.has_aliases %}
  false as by_alias,
{%- endif %}
{%- if sync.association %}
  {{ sql.null_of('text') }} as target_id,
{%- endif %}
  case
    when {% for field in sync.fields %}action_{{ field.slug }} in ('set', 'clear') or {% endfor %}false then 'send'
    {# A request of an earlier attempt may still be on its way; until it is not, what the CRM holds proves nothing. -#}
    when ({% for field in sync.fields %}action_{{ field.slug }} = 'adopt' or {% endfor %}false) and not (coalesce(last_disposition, '') = 'unknown' and coalesce(next_attempt_at > {{ run.now }}, false)) then 'noop'
    else 'kept'
  end as decision,
  case
    when why is not null then why
    when {% for field in sync.fields %}{{ restores.says_something(field) }} or {% endfor %}false then null
    when {% for field in sync.fields %}action_{{ field.slug }} = 'changed_since' or {% endfor %}false then 'changed_since'
    when {% for field in sync.fields %}action_{{ field.slug }} <> 'none' or {% endfor %}false then 'not_restorable'
    when has_unmapped = 1 then 'not_restorable'
    else 'already_restored'
  end as reason,
  crm_id,
  case when {{ policies.match_form('own_match_value', sync.match.fold) }} is null then last_match_hash else {{ policies.match_hash('own_match_value') }} end as match_hash,
  {{ sql.null_of('hash') }} as sent_fingerprint,
  {# Whoever reverts means it: a row that the CRM refused a moment ago is tried again. -#}
  case when last_disposition <> 'rejected' then last_disposition end as last_disposition,
  {{ sql.null_of('text') }} as last_payload_hash,
  last_mapping_hash,
  next_attempt_at
{%- for field in sync.fields %},
  action_{{ field.slug }},
  restore_{{ field.slug }} as desired_{{ field.slug }},
  live_{{ field.slug }},
  known_{{ field.slug }},
  unsettled_{{ field.slug }},
  acked_{{ field.slug }}
{%- endfor %}

from fields_decided
