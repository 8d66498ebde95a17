-- Grain: one key, as state must hold it after every settled run of the sync. Key: row_key. Read from the append-only log alone.
{{ config(materialized='table') }}
with settled_plans as (
  select distinct r.plan_id, r.epoch, r.mapping_hash, r.started_at
  from {{ run.ledger.sync_run }} as r
  join {{ run.ledger.sync_plan }} as p on p.plan_id = r.plan_id -- rows of a plan without a header never counted
  join {{ run.ledger.sync_run_event }} as e on e.run_id = r.run_id
  where r.kind = 'run' and r.sync_name = {{ sql.text_literal(sync.name) }} and r.org_id = {{ sql.text_literal(run.org_id) }}
    and e.event in ('succeeded', 'partial', 'failed', 'interrupted', 'crashed')
),
outcomes as (
  select ranked.plan_id, ranked.row_no, ranked.outcome, ranked.crm_id, ranked.epoch, ranked.seq
  from (
    select result.*, row_number() over (partition by plan_id, row_no order by epoch desc, seq desc) as place
    from {{ run.ledger.sync_result }} as result
    where resolves_epoch <= epoch
  ) as ranked
  where ranked.place = 1
),
planned as (
  select
    row_log.*,
    plans.epoch as plan_epoch,
    plans.mapping_hash,
    plans.started_at,
    outcomes.outcome,
    outcomes.epoch as outcome_epoch,
    outcomes.seq as outcome_seq,
    coalesce(outcomes.crm_id, row_log.crm_id) as record_id,
    row_number() over (partition by row_log.row_key order by plans.epoch desc) as place
  from {{ run.ledger.sync_plan_row }} as row_log
  join settled_plans as plans on plans.plan_id = row_log.plan_id
  left join outcomes on outcomes.plan_id = row_log.plan_id and outcomes.row_no = row_log.row_no
  where row_log.row_key is not null
    and row_log.decision <> 'kept'
    and not (row_log.decision = 'held' and row_log.reason = 'outcome_unknown')
),
last_rows as (
  select * from planned where place = 1
),
deletions as (
  select row_key, max(plan_epoch) as deleted_epoch
  from planned
  where op = 'delete' and outcome = 'succeeded' or reason = 'record_deleted'
  group by row_key
),
records as (
  select row_key, record_id
  from (
    select planned.row_key, record_id, row_number() over (partition by planned.row_key order by plan_epoch desc) as recency
    from planned
    left join deletions on deletions.row_key = planned.row_key
    where record_id is not null and (deleted_epoch is null or plan_epoch > deleted_epoch)
  ) as ranked
  where recency = 1
),
last_outcomes as (
  select row_key, outcome_epoch, outcome_seq
  from (select row_key, outcome_epoch, outcome_seq, row_number() over (partition by row_key order by outcome_epoch desc, outcome_seq desc) as recency from planned where outcome is not null) as ranked
  where recency = 1
),
matches as (
  select row_key, match_value
  from (select row_key, match_value, row_number() over (partition by row_key order by plan_epoch desc) as recency from planned where before_captured and match_value is not null and decision not in ('quarantined', 'skipped')) as ranked
  where recency = 1
),
held_fields as (
  select distinct plan_id, row_no from {{ run.ledger.sync_plan_field }} where action = 'held'
),
{# When a field was not in the mapping the last time: what had been acknowledged of it before counts no more. -#}
absences as (
  select fields.field, max(plans.epoch) as epoch
  from settled_plans as plans
  cross join ({% for field in sync.fields %}select {{ sql.text_literal(field.to) }} as field{{ ' union all ' if not loop.last }}{% endfor %}) as fields
  where not exists (
    select 1 from {{ run.ledger.sync_mapping }} as mapping
    where mapping.sync_name = {{ sql.text_literal(sync.name) }} and mapping.mapping_hash = plans.mapping_hash and mapping.field = fields.field
  )
  group by fields.field
),
acknowledged as (
  {# After a removal nobody saw the end of, what stood there before is still the base. -#}
  select field_log.row_key, field_log.field, field_log.action, case when field_log.action = 'base' then field_log.before_value else field_log.desired_value end as desired_value, stored_log.stored_value,
    case when planned.reason = 'left_the_model' and planned.outcome = 'unknown' then field_log.base_value end as kept_value,
    field_log.action not in ('adopt', 'base') and planned.outcome = 'unknown' as is_unknown,
    coalesce(case when field_log.action = 'base' then field_log.before_value else field_log.desired_value end, '') = '[erased]' as is_erased,
    row_number() over (partition by field_log.row_key, field_log.field order by planned.plan_epoch desc) as recency
  from {{ run.ledger.sync_plan_field }} as field_log
  join planned on planned.plan_id = field_log.plan_id and planned.row_no = field_log.row_no
  left join records on records.row_key = planned.row_key
  left join deletions on deletions.row_key = planned.row_key
  left join {{ run.ledger.sync_stored }} as stored_log on stored_log.plan_id = field_log.plan_id and stored_log.row_no = field_log.row_no and stored_log.field = field_log.field
  left join absences on absences.field = field_log.field
  where (planned.record_id = records.record_id or planned.record_id is null)
    and (absences.epoch is null or planned.plan_epoch > absences.epoch)
    and (deletions.deleted_epoch is null or planned.plan_epoch > deletions.deleted_epoch)
    and (field_log.action in ('adopt', 'base') or field_log.action in ('set', 'clear') and planned.outcome in ('succeeded', 'unknown'))
),
values_by_key as (
  select
    row_key
{%- for field in sync.fields %},
    max(case when field = {{ sql.text_literal(field.to) }} and is_unknown is not true and not is_erased then 1 else 0 end) as has_{{ field.slug }},
    max(case when field = {{ sql.text_literal(field.to) }} and is_unknown then 1 else 0 end) as unsettled_{{ field.slug }},
    max(case when field = {{ sql.text_literal(field.to) }} and not is_erased then case when is_unknown then kept_value when action <> 'clear' then desired_value end end) as value_{{ field.slug }},
    max(case when field = {{ sql.text_literal(field.to) }} and action = 'set' and is_unknown is not true and not is_erased then stored_value end) as told_{{ field.slug }}
{%- endfor %}

  from acknowledged
  where recency = 1
  group by row_key
),
disposed as (
  select
    last_rows.*,
    case
      when decision = 'send' and outcome = 'succeeded' and reason = 'left_the_model' then 'removed'
      when reason = 'adopted' then 'adopted'
      when decision = 'send' and outcome = 'succeeded' or decision = 'noop' then case when held_fields.plan_id is null then 'synced' else 'held' end
      when decision = 'send' then coalesce(outcome, 'retryable')
      when decision = 'held' and reason = 'rejected_unchanged' then 'rejected'
      else decision
    end as disposition
  from last_rows
  left join held_fields on held_fields.plan_id = last_rows.plan_id and held_fields.row_no = last_rows.row_no
)
select
  {{ sql.cast('disposed.key_hash', {kind: 'hash'}) }} as key_hash,
  disposed.row_key,
  records.record_id as crm_id,
  {{ fold.fingerprint('disposed.disposition', sql.cast('disposed.fingerprint', {kind: 'hash'}), true) }} as fingerprint,
  disposed.mapping_hash,
  disposed.disposition,
  {% if sync.match.keep == 'full' %}case when matches.match_value <> '[erased]' then {{ policies.match_hash('matches.match_value') }} end{% else %}{{ sql.null_of('hash') }}{% endif %} as match_hash,
  case when disposed.disposition = 'unknown' then {{ sql.cast('disposed.fingerprint', {kind: 'hash'}) }} end as sent_fingerprint,
  disposed.disposition not in ('synced', 'removed') as is_open,
  disposed.payload_hash,
  last_outcomes.outcome_epoch as epoch,
  last_outcomes.outcome_seq as seq
{%- for field in sync.fields %},
  {% if field.keep == 'full' %}coalesce(values_by_key.has_{{ field.slug }}, 0) = 1{% else %}false{% endif %} as known_{{ field.slug }},
  {% if field.keep == 'full' %}{{ policies.typed_text('values_by_key.value_' ~ field.slug, field.type) }}{% else %}{{ sql.null_of_type(field.type) }}{% endif %} as acked_{{ field.slug }},
  {% if field.write == 'on_create' %}false{% else %}coalesce(values_by_key.unsettled_{{ field.slug }}, 0) = 1{% endif %} as unsettled_{{ field.slug }},
  {% if field.keep == 'full' %}values_by_key.told_{{ field.slug }}{% else %}{{ sql.null_of('text') }}{% endif %} as stored_{{ field.slug }}
{%- endfor %}

from disposed
left join records on records.row_key = disposed.row_key
left join last_outcomes on last_outcomes.row_key = disposed.row_key
left join matches on matches.row_key = disposed.row_key
left join values_by_key on values_by_key.row_key = disposed.row_key
