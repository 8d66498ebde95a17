-- Grain: one reason that came up or went away. Every row in quarantine is evaluated again in every plan, so what is not there any more is closed.
{{ config(materialized='append', into=run.ledger.sync_quarantine_event, columns=['plan_id', 'sync_name', 'row_key', 'rule', 'field', 'code', 'message', 'source_rows', 'event', 'logged_at']) }}
with last_events as (
  select row_key, rule, field, code, message, source_rows, event,
    row_number() over (partition by row_key, rule order by logged_at desc, plan_id desc) as place
  from {{ run.ledger.sync_quarantine_event }}
  where sync_name = {{ sql.text_literal(sync.name) }}
),
open_events as (
  select row_key, rule, field, code, message, source_rows from last_events where place = 1 and event = 'opened'
)
select {{ sql.text_literal(run.plan_id) }}, {{ sql.text_literal(sync.name) }}, waiting.row_key, waiting.rule, waiting.field, waiting.code, waiting.message, waiting.source_rows, 'opened', {{ run.now }}
from {{ sync.work.quarantine }} as waiting
left join open_events on {{ sql.is_same('open_events.row_key', 'waiting.row_key') }} and open_events.rule = waiting.rule
where open_events.rule is null

union all
select {{ sql.text_literal(run.plan_id) }}, {{ sql.text_literal(sync.name) }}, open_events.row_key, open_events.rule, open_events.field, open_events.code, open_events.message, open_events.source_rows, 'closed', {{ run.now }}
from open_events
left join {{ sync.work.quarantine }} as waiting on {{ sql.is_same('waiting.row_key', 'open_events.row_key') }} and waiting.rule = open_events.rule
where waiting.rule is null
