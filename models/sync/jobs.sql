-- Grain: as changes, which it takes the place of. Built only when more rows are to be sent than a job is worth.
-- A set of equal fields that is large enough goes by job, because the columns of a job's file hold for all of its rows; the
-- rest keeps the front places and goes by request. Places are given to narrow rows; the wide ones are joined to them.
{{ config(materialized='replacement', of=sync.work.changes) }}
with shaped as (
  select
    seq,
    decision,
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
chosen as (
  select
    counted.*,
    field_set is not null and set_rows > {{ sync.bulk.above }}{% if sync.canary > 0 %} and seq > {{ sync.canary }}{% endif %} as is_job
  from counted
),
{% if sync.removal %}
waiting as (
  select
    chosen.*,
    {# What is deleted goes last, and jobs go behind all requests: deletes wait for a plan without jobs. -#}
    removal_route = 2 and decision = 'send' and max(case when is_job then 1 else 0 end) over () = 1 as waits_for_jobs
  from chosen
),
{% endif %}
routed as (
  select
    seq,
{% if sync.removal %}
    waits_for_jobs,
    case when waits_for_jobs then 'held' else decision end as decision,
{% else %}
    decision,
{% endif %}
    bytes,
    case when decision <> 'send'{% if sync.removal %} or waits_for_jobs{% endif %} then 2 when is_job then 1 else 0 end as route,
    case when is_job then field_set {% if sync.removal %}when removal_route = 1 then '~' when removal_route = 2 then '~~' {% endif %}else '' end as field_set
  from {{ 'waiting' if sync.removal else 'chosen' }}
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
{% if sync.removal %}
    waits_for_jobs,
{% endif %}
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
  case when numbered.waits_for_jobs then 'held' else decision end as decision,
  case when numbered.waits_for_jobs then 'delete:bulk_first' else reason end as reason,
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
