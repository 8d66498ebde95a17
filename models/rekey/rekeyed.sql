-- Grain: one key of state under its new name, and one that ends because of it. Key: seq, row_key. Takes the place of `changes`; nothing is sent.
-- The new key takes over the record and what was acknowledged of it; it is open, so that the next plan looks at it.
{{ config(materialized='table', as='changes') }}
with moved as (
  select
    former_keys.row_key,
    former_keys.key_hash,
    'update' as op,
    'noop' as decision,
    state.crm_id,
    {{ sql.null_of('hash') }} as match_hash
{%- for field in sync.fields %},
    case when state.known_{{ field.slug }} then 'adopt' else 'none' end as action_{{ field.slug }},
    state.acked_{{ field.slug }} as desired_{{ field.slug }},
    false as known_{{ field.slug }},
    state.unsettled_{{ field.slug }} as unsettled_{{ field.slug }},
    {{ sql.null_of_type(field.type) }} as acked_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.former_keys }} as former_keys
  join {{ sync.state }} as state on state.row_key = former_keys.former_key

  union all
  select
    state.row_key,
    state.key_hash,
    {{ sql.null_of('text') }} as op,
    'removed' as decision,
    state.crm_id,
    state.match_hash
{%- for field in sync.fields %},
    'none' as action_{{ field.slug }},
    {{ sql.null_of_type(field.type) }} as desired_{{ field.slug }},
    state.known_{{ field.slug }},
    state.unsettled_{{ field.slug }},
    state.acked_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.former_keys }} as former_keys
  join {{ sync.state }} as state on state.row_key = former_keys.former_key
  where former_keys.row_key <> former_keys.former_key
),
placed as (
  select moved.*, row_number() over (order by case when decision = 'noop' then 0 else 1 end, row_key) as seq
  from moved
)
select
  seq,
  {{ sql.text_literal(run.plan_id) }} as plan_id,
  {{ sql.text_literal(run.trace ~ '-') }} || {{ sql.cast('seq', {kind: 'text'}) }} as change_id,
  row_key,
  key_hash,
  {{ sql.null_of('hash') }} as fingerprint,
  {{ sql.null_of('text') }} as match_value,
  op,
  decision,
  'rekeyed' as reason,
  crm_id,
  match_hash,
  {{ sql.null_of('text') }} as parent,
  {{ sql.null_of('text') }} as transport,
  {{ sql.null_of('bigint') }} as batch_no,
  {{ sql.null_of('text') }} as body,
  {{ sql.null_of('text') }} as payload_hash,
  {{ sql.null_of('timestamp') }} as next_attempt_at
{%- for field in sync.fields %},
  action_{{ field.slug }},
  desired_{{ field.slug }},
  {{ sql.null_of('text') }} as live_{{ field.slug }},
  known_{{ field.slug }},
  unsettled_{{ field.slug }},
  acked_{{ field.slug }}
{%- endfor %}

from placed
