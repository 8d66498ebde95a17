-- Grain: one candidate key. Key: row_key. What would happen to it and why; nothing is sent from here.
-- Three values meet per field: desired (warehouse), acknowledged (what we wrote last) and live (what the CRM holds now).
{{ config(materialized='view') }}
with live_records as (
  select
    {{ policies.match_form('match_value', sync.match.fold) }} as match_form,
    {# Two stands for several: counting distinct ids costs as much as the rest of the grouping. -#}
    case when min(record_id) = max(record_id) then 1 else 2 end as records,
    min(record_id) as record_id
{%- if sync.match.has_aliases %},
    max(own_match_value) as own_match_value,
    max(absorbed) as absorbed
{%- endif %}
{%- for field in sync.fields %},
    max(live_{{ field.slug }}) as live_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.snapshot }}
  group by {{ policies.match_form('match_value', sync.match.fold) }}
),
{% if sync.twins %}
twin_records as (
{{ links.grouped_twins() }}
),
{% endif %}
{% if sync.association %}
targets as (
{{ associations.grouped_targets() }}
),
{% endif %}
broken_rows as (
  select row_key, max(case when on_fail <> 'skip' then 1 else 0 end) as quarantines, min(case when on_fail <> 'skip' then rule end) as quarantine_rule, min(rule) as rule
  from {{ sync.work.violations }}
  group by row_key
),
rows_met as (
  select
    staging.*,
    reads.row_key is not null as was_read,
    coalesce(live_records.records, 0) as records,
{% if sync.twins %}
    case when {{ links.may_have_twin() }} then coalesce(twin_records.twins, 0) else 0 end as twins,
    case when {{ links.may_have_twin() }} then twin_records.twin_key end as twin_key,
    {{ links.row_form('staging') }} as twin_form,
{% endif %}
    {{ links.live_record_id() if sync.twins else 'live_records.record_id' }} as live_record_id,
{% if sync.association %}
    targets.target_id,
{% endif %}
    state.crm_id as known_record_id,
{%- if sync.match.has_aliases %}
    {# The key is a further address of a record that shows another one. -#}
    live_records.record_id is not null and {{ sql.is_distinct(policies.match_form('live_records.own_match_value', sync.match.fold), policies.match_form('reads.match_value', sync.match.fold)) }} as by_alias,
{%- endif %}
    state.disposition as last_disposition,
    state.payload_hash as last_payload_hash,
    state.mapping_hash as last_mapping_hash,
    state.next_attempt_at as next_attempt_at,
    state.sent_fingerprint as sent_fingerprint,
    state.match_hash as last_match_hash,
    broken_rows.row_key is not null or (staging.row_key is null) as is_broken,
    coalesce(broken_rows.quarantines, 1) as quarantines,
    coalesce(broken_rows.quarantine_rule, broken_rows.rule, 'key_not_null') as broken_rule,
    case
      when reads.row_key is null then null
      when coalesce(live_records.records, 0) = 1 {% if sync.mode == 'create' %}and false {% endif %}then 'update'
{% if sync.twins and sync.twins.adopts %}
      when coalesce(live_records.records, 0) = 0 and twin_records.twins = 1 then 'update'
{% endif %}
      when coalesce(live_records.records, 0) = 0 {% if sync.mode == 'update' %}and false {% endif %}then 'create'
    end as op
{%- for field in sync.fields %},
    live_records.live_{{ field.slug }} as live_{{ field.slug }},
    coalesce(state.known_{{ field.slug }}, false) as remembered_{{ field.slug }},
    {# A value acknowledged on another record says nothing about this one. -#}
    coalesce(state.known_{{ field.slug }} and (reads.row_key is null or {{ policies.is_known_record() }}), false) as known_{{ field.slug }},
    coalesce(state.unsettled_{{ field.slug }} and (state.crm_id is null or live_records.record_id is null or {{ policies.is_known_record() }}), false) as unsettled_{{ field.slug }},
    state.acked_{{ field.slug }} as acked_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.staging }} as staging
  left join {{ sync.work.known }} as state on state.row_key = staging.row_key
  left join {{ sync.work.reads }} as reads on reads.row_key = staging.row_key
  left join live_records on live_records.match_form = {{ policies.match_form('reads.match_value', sync.match.fold) }}
  left join broken_rows on broken_rows.row_key = staging.row_key
{% if sync.association %}
  left join targets on targets.target_form = {{ associations.target_form('staging') }}
{% endif %}
{% if sync.twins %}
  left join twin_records on twin_records.twin_form = {{ links.row_form('staging') }}
{% endif %}
),
fields_decided as (
  select
    rows_met.*
{%- for field in sync.fields %},
    {{ policies.field_action(field, 'rows_met') }} as action_{{ field.slug }}
{%- endfor %},
{% if sync.twins %}
    {{ links.claims() }} as twin_claims,
{% endif %}
    {% if sync.match.is_key and not sync.match.fold and not sync.match.has_aliases and not (sync.twins and sync.twins.adopts) %}1{% else %}case when op = 'update' then count(*) over (partition by live_record_id) else 1 end{% endif %} as claims,
    {% if sync.twins and sync.twins.adopts %}{{ links.is_claimed('rows_met') }}{% elif sync.match.is_key and not (sync.match.has_aliases and sync.match.fold) %}false{% else %}op = 'update' and exists (
      select 1 from {{ sync.state }} as other
      where other.crm_id = rows_met.live_record_id and other.row_key <> rows_met.row_key and other.disposition <> 'removed'
    ){% endif %} as is_claimed
  from rows_met
),
rows_decided as (
  select
    fields_decided.*,
    case
      when is_broken then case when quarantines = 1 then 'quarantined' else 'skipped' end
      when not was_read then 'noop'
      when records > 1 then 'quarantined'
{% if sync.twins %}
{{ links.decision() }}
{% endif %}
      when claims > 1 or is_claimed then 'quarantined'
      when op is null then 'skipped'
{% if sync.association %}
      when {{ associations.lacks_target() }} then 'quarantined'
{% endif %}
      when op = 'create' and known_record_id is not null then 'quarantined'
      when op = 'create' and ({{ policies.lacks_required() }}) then 'quarantined'
      when op = 'create' then 'send'
      when {{ policies.has_conflict() }} then 'quarantined'
      when {% for field in sync.fields %}action_{{ field.slug }} in ('set', 'clear') or {% endfor %}false then 'send'
      when {% for field in sync.fields %}action_{{ field.slug }} = 'held' or {% endfor %}false then 'held'
      else 'noop'
    end as decision,
    case
      when is_broken then broken_rule
      when not was_read then null
      when records > 1 then 'match_ambiguous'
{% if sync.twins %}
{{ links.reason() }}
{% endif %}
      when claims > 1 or is_claimed then 'match_claimed_twice'
      when op is null then {% if sync.mode == 'create' %}'record_exists'{% else %}'record_not_found'{% endif %}

{% if sync.association %}
      when {{ associations.lacks_target() }} then 'target_missing'
{% endif %}
      when op = 'create' and known_record_id is not null then 'record_gone'
      when op = 'create' and ({{ policies.lacks_required() }}) then 'required_on_create'
      when {{ policies.has_conflict() }} then 'drift_conflict'
      when {% for field in sync.fields %}action_{{ field.slug }} = 'held' or {% endfor %}false then 'first_contact'
{%- for field in sync.fields %}{% if field.forward_only %}
      when action_{{ field.slug }} = 'not_applied' then 'stage_backward'
{%- endif %}{% endfor %}
    end as reason
  from fields_decided
)
select
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,
{%- if sync.match.has_aliases %}
  coalesce(by_alias, false) as by_alias,
{%- endif %}
{% if sync.association %}
  target_id,
{% endif %}
  decision,
  reason,
  {# A row that is kept back claims no record that it did not have. -#}
  case when op = 'update' and decision not in ('quarantined', 'skipped') then live_record_id else known_record_id end as crm_id,
  case when was_read and decision not in ('quarantined', 'skipped') then {{ policies.match_hash('match_value') }} else last_match_hash end as match_hash,
  sent_fingerprint,
  last_disposition,
  last_payload_hash,
  last_mapping_hash,
  next_attempt_at
{%- for field in sync.fields %},
  case when (decision = 'quarantined' or decision = 'skipped') and action_{{ field.slug }} <> 'conflict' then 'none' else action_{{ field.slug }} end as action_{{ field.slug }},
  desired_{{ field.slug }},
  live_{{ field.slug }},
  case when decision in ('quarantined', 'skipped') then remembered_{{ field.slug }} else known_{{ field.slug }} end as known_{{ field.slug }},
  unsettled_{{ field.slug }},
  acked_{{ field.slug }}
{%- endfor %}

from rows_decided

union all
select
  row_key,
  key_hash,
  null,
  null,
  null,
{%- if sync.match.has_aliases %}
  false,
{%- endif %}
{% if sync.association %}
  {{ sql.null_of('text') }},
{% endif %}
  'removed',
  'left_the_model',
  crm_id,
  match_hash,
  sent_fingerprint,
  disposition,
  payload_hash,
  mapping_hash,
  next_attempt_at
{%- for field in sync.fields %},
  'none',
  {{ sql.null_of_type(field.type) }},
  {{ sql.null_of('text') }},
  coalesce(known_{{ field.slug }}, false),
  coalesce(unsettled_{{ field.slug }}, false),
  acked_{{ field.slug }}
{%- endfor %}

from {{ sync.work.known }}
where row_key not in (select row_key from {{ sync.work.staging }} where row_key is not null)
