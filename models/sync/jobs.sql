-- Grain: as changes, which it takes the place of. Built only when more rows are to be sent than a job is worth.
-- A set of equal fields that is large enough goes by job, because the columns of a job's file hold for all of its rows; the
-- rest keeps the front places and goes by request. Places are given to narrow rows; the wide ones are joined to them.
{{ config(materialized='replacement', of=sync.work.changes) }}
with shaped as (
  select
    seq,
    {{ "case when op = 'delete' and decision = 'send' then 'held' else decision end as decision" if sync.removal else 'decision' }},
    {{ sql.byte_count('body') }} as bytes,
    case when decision = 'send'{% if sync.removal %} and {{ removals.route() }} = 0{% endif %} and {{ bulk.fits_csv('body') }} then {{ bulk.field_set() }} end as field_set
{%- if sync.removal %},
    {{ removals.route() }} as removal_route
{%- endif %}

  from {{ sync.work.changes }}
),
counted as (
  select shaped.*, count(*) over (partition by field_set) as set_rows
  from shaped
),
routed as (
  select
    seq,
    decision,
    bytes,
    case when decision <> 'send' then 2 when field_set is not null and set_rows > {{ sync.bulk.above }}{% if sync.canary > 0 %} and seq > {{ sync.canary }}{% endif %} then 1 else 0 end as route,
    case when field_set is not null and set_rows > {{ sync.bulk.above }}{% if sync.canary > 0 %} and seq > {{ sync.canary }}{% endif %} then field_set else {% if sync.removal %}case when removal_route = 0 then '' else '~' end{% else %}''{% endif %} end as field_set
  from counted
),
measured as (
  select
    routed.*,
    row_number() over (partition by route, field_set order by seq) as place,
    {{ sql.cast('sum(bytes) over (partition by route, field_set order by seq rows unbounded preceding)', {kind: 'bigint'}) }} as bytes_so_far
  from routed
),
cut as (
  select
    measured.*,
    case when route = 1 then greatest({{ sql.quotient('(place - 1)', sync.bulk.rows) }}, {{ sql.quotient('bytes_so_far', sync.bulk.bytes) }}) else {{ policies.batch_of('place') }} end as piece
  from measured
),
numbered as (
  select
    seq as old_seq,
    row_number() over (order by route, field_set, seq) as new_seq,
    case route when 0 then 'rest' when 1 then 'bulk' end as transport,
    case when route < 2 then dense_rank() over (order by route, field_set, piece) end as batch_no
  from cut
)
select
  numbered.new_seq as seq,
  plan_id,
  {{ sql.text_literal(run.trace ~ '-') }} || {{ sql.cast('numbered.new_seq', {kind: 'text'}) }} as change_id,
  row_key,
  key_hash,
  fingerprint,
  match_value,
  op,
{% if sync.removal %}
  {# What is deleted goes last, and jobs go behind all requests: deletes wait for a plan without jobs. -#}
  case when op = 'delete' and changes.decision = 'send' then 'held' else changes.decision end as decision,
  case when op = 'delete' and changes.decision = 'send' then 'delete:bulk_first' else reason end as reason,
{% else %}
  decision,
  reason,
{% endif %}
  crm_id,
  match_hash,
  parent,
  numbered.transport,
  numbered.batch_no,
  body,
  payload_hash,
  next_attempt_at
{{- policies.change_fields() }}

from {{ sync.work.changes }} as changes
join numbered on numbered.old_seq = changes.seq
order by numbered.new_seq
