-- Grain: one unresolved row and what the CRM holds of it now. Key: plan_id, row_no. `outcome` is null where nothing can be said yet.
{{ config(materialized='table') }}
with live_records as (
  select
    {{ policies.match_form('match_value', sync.match.fold) }} as match_form,
    case when min(record_id) = max(record_id) then 1 else 2 end as records,
    min(record_id) as record_id
{%- for field in sync.fields %},
    max(live_{{ field.slug }}) as live_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.snapshot }}
  group by {{ policies.match_form('match_value', sync.match.fold) }}
),
sent_fields as (
  select plan_id, row_no
{%- for field in sync.fields %}
{%- set of_field = 'case when field = ' ~ sql.text_literal(field.to) ~ ' then ' -%},
    max({{ of_field }}action end) as action_{{ field.slug }},
    max({{ of_field }}desired_value end) as sent_{{ field.slug }},
    max({{ of_field }}desired_hash end) as sent_hash_{{ field.slug }},
    max({{ of_field }}before_hash end) as before_hash_{{ field.slug }},
    max({{ of_field }}base_value end) as base_{{ field.slug }},
    max({{ of_field }}case when base_known then 1 else 0 end end) as base_known_{{ field.slug }},
    max({{ of_field }}case when crm_changed then 1 else 0 end end) as crm_changed_{{ field.slug }}
{%- endfor %}

  from {{ run.ledger.sync_plan_field }}
  where action in ('set', 'clear') and plan_id in (select plan_id from {{ sync.work.unresolved }})
  group by plan_id, row_no
),
met as (
  select
    unresolved.*,
    coalesce(live_records.records, 0) as records,
    live_records.record_id
{%- for field in sync.fields %},
    live_records.live_{{ field.slug }},
    sent_fields.action_{{ field.slug }},
    sent_fields.sent_{{ field.slug }},
    sent_fields.sent_hash_{{ field.slug }},
    sent_fields.before_hash_{{ field.slug }},
    sent_fields.base_{{ field.slug }},
    sent_fields.base_known_{{ field.slug }},
    sent_fields.crm_changed_{{ field.slug }}
{%- endfor %}

  from {{ sync.work.unresolved }} as unresolved
  left join sent_fields on sent_fields.plan_id = unresolved.plan_id and sent_fields.row_no = unresolved.row_no
  left join live_records on live_records.match_form = {{ policies.match_form('unresolved.match_value', sync.match.fold) }}
),
compared as (
  select
    met.*
{%- for field in sync.fields %},
    {{ resolve.found(field, 'met') if resolve.is_comparable(field) else sql.null_of('text') }} as found_{{ field.slug }}
{%- endfor %}

  from met
),
counted as (
  select
    compared.*,
    {{ resolve.count_found('sent') }} as found_sent,
    {{ resolve.count_found('before') }} as found_before,
    {{ resolve.count_found('other') }} as found_other
  from compared
)
select
  counted.*,
  case
    when records > 1 then null
    {# That everything which was sent is there proves it at once; that it is not proves nothing while the request may still land. -#}
    when records = 1 and found_before + found_other = 0 then case when found_sent > 0 or op = 'create' then 'succeeded' end
    when is_settled = 0 then null
    when records = 0 then case when op = 'create' then 'retryable' else 'rejected' end
    else 'retryable'
  end as outcome,
  case
    when records = 0 and op = 'update' then 'E-DATA-GONE'
    when records = 1 and op = 'update' and found_sent + found_other = 0 or records = 0 then 'E-RUN-NOT-APPLIED'
    else 'E-RUN-OVERWRITTEN'
  end as code
from counted
