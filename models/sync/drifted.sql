-- Grain: one row with a field whose live value is not the acknowledged one. Key: seq, row_key. A report: nothing is sent or folded.
{{ config(materialized='replacement', of=sync.work.changes) }}
with compared as (
  select
    changes.*
{%- for field in sync.fields %},
    case when action_{{ field.slug }} <> 'adopt' and {{ policies.crm_changed(field) }} then 'drift' else 'none' end as next_{{ field.slug }}
{%- endfor %}

  from {{ policies.changes_and_stored() }}
  where op = 'update'
)
{{ policies.unsent_changes('drifted') }}
from compared
where {% for field in sync.fields %}next_{{ field.slug }} = 'drift' or {% endfor %}false
