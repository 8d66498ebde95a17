-- Grain: one row with a field whose live value is not the acknowledged one. Key: seq, row_key. A report: nothing is sent or folded.
{{ config(materialized='replacement', of=sync.work.changes) }}
with compared as (
  select
    changes.*
{%- for field in sync.fields %},
    case when action_{{ field.slug }} <> 'adopt' and {{ policies.crm_changed(field) }} then 'drift' else 'none' end as next_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.changes }} as changes
  where op = 'update'
)
select
  row_number() over (order by row_key) as seq,
  plan_id,
  change_id,
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,
  'noop' as decision,
  'drifted' as reason,
  crm_id,
  match_hash,
  parent,
  {{ sql.null_of('text') }} as transport,
  {{ sql.null_of('bigint') }} as batch_no,
  {{ sql.null_of('text') }} as body,
  payload_hash,
  next_attempt_at
{%- for field in sync.fields %},
  next_{{ field.slug }} as action_{{ field.slug }},
  desired_{{ field.slug }},
  live_{{ field.slug }},
  known_{{ field.slug }},
  unsettled_{{ field.slug }},
  acked_{{ field.slug }}
{%- endfor %}

from compared
where {% for field in sync.fields %}next_{{ field.slug }} = 'drift' or {% endfor %}false
