-- Grain: one reason that came up or went away. Every row in quarantine is evaluated again in every plan, so what is not there any more is closed.

with last_events as (
  select row_key, rule, field, code, message, source_rows, event,
    row_number() over (partition by row_key, rule order by logged_at desc, plan_id desc) as place
  from backfeed.sync_quarantine_event
  where sync_name = 'salesforce_contacts'
),
open_events as (
  select row_key, rule, field, code, message, source_rows from last_events where place = 1 and event = 'opened'
)
select 'plan_00', 'salesforce_contacts', waiting.row_key, waiting.rule, waiting.field, waiting.code, waiting.message, waiting.source_rows, 'opened', cast('2000-01-01T00:00:00.000' as timestamp)
from backfeed.quarantine_salesforce_contacts as waiting
left join open_events on open_events.row_key is not distinct from waiting.row_key and open_events.rule = waiting.rule
where open_events.rule is null

union all
select 'plan_00', 'salesforce_contacts', open_events.row_key, open_events.rule, open_events.field, open_events.code, open_events.message, open_events.source_rows, 'closed', cast('2000-01-01T00:00:00.000' as timestamp)
from open_events
left join backfeed.quarantine_salesforce_contacts as waiting on waiting.row_key is not distinct from open_events.row_key and waiting.rule = open_events.rule
where waiting.rule is null
