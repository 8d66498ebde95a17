-- Grain: one key whose last write is resolved, as state shall hold it from now on. Key: row_key.
{{ config(materialized='table', as='folded') }}
with resolutions as (
  select * from {{ sync.work.resolutions }} where recency = 1 and outcome is not null
),
waiting as (
  select distinct field_log.plan_id, field_log.row_no
  from {{ run.ledger.sync_plan_field }} as field_log
  join resolutions on resolutions.plan_id = field_log.plan_id and resolutions.row_no = field_log.row_no
  where field_log.action = 'held'
),
disposed as (
  select
    state.*,
    resolutions.outcome,
    resolutions.record_id,
    {{ sql.cast('resolutions.fingerprint', {kind: 'hash'}) }} as planned_fingerprint,
    case when resolutions.outcome = 'succeeded' then case when waiting.plan_id is null then 'synced' else 'held' end else resolutions.outcome end as next_disposition
{%- for field in sync.fields %},
    resolutions.action_{{ field.slug }},
    resolutions.live_{{ field.slug }},
    resolutions.sent_{{ field.slug }},
    resolutions.found_{{ field.slug }},
    {{ resolve.is_base_known(field, 'resolutions') }} as base_known_{{ field.slug }},
    {{ resolve.base(field, 'resolutions') }} as base_{{ field.slug }}
{%- endfor %}

  from resolutions
  join {{ sync.state }} as state on state.row_key = resolutions.row_key
  left join waiting on waiting.plan_id = resolutions.plan_id and waiting.row_no = resolutions.row_no
)
select
  key_hash,
  row_key,
  coalesce(record_id, crm_id) as crm_id,
  case when next_disposition = 'synced' then planned_fingerprint end as fingerprint,
  mapping_hash,
  next_disposition as disposition,
  match_hash,
  {{ sql.null_of('hash') }} as sent_fingerprint,
  next_disposition <> 'synced' as is_open,
  payload_hash,
  attempts,
  {{ sql.null_of('timestamp') }} as next_attempt_at,
  {{ run.epoch }} as epoch,
  {{ run.resolution_seq }} as seq
{%- if sync.removal %},
  missed_at,
  missed_by
{%- endif %}
{%- for field in sync.fields %},
  {% if not resolve.is_comparable(field) %}known_{{ field.slug }}{% else %}case when action_{{ field.slug }} is null then known_{{ field.slug }} when outcome = 'succeeded' then true else base_known_{{ field.slug }} end{% endif %} as known_{{ field.slug }},
  {% if not resolve.is_comparable(field) %}acked_{{ field.slug }}{% else %}case when action_{{ field.slug }} is null then acked_{{ field.slug }} when outcome = 'succeeded' then case when action_{{ field.slug }} = 'set' then {{ policies.typed_text(('sent_' if field.keep == 'full' else 'live_') ~ field.slug, field.type) }} end when base_known_{{ field.slug }} then base_{{ field.slug }} end{% endif %} as acked_{{ field.slug }},
  {% if field.write == 'on_create' %}false{% elif not resolve.is_comparable(field) %}unsettled_{{ field.slug }}{% else %}case when action_{{ field.slug }} is null then unsettled_{{ field.slug }} when outcome = 'succeeded' then false else {{ 'false' if field.keep == 'full' else 'not base_known_' ~ field.slug }} end{% endif %} as unsettled_{{ field.slug }},
  case when action_{{ field.slug }} is null then stored_{{ field.slug }} end as stored_{{ field.slug }}
{%- endfor %}

from disposed
