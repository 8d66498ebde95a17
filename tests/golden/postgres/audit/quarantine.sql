-- Grain: one time a key waited for one reason, open or closed. Key: sync_name, row_key, rule, first_seen_at.
with turns as (
  select event_log.*, sum(case when event = 'opened' then 1 else 0 end) over (partition by sync_name, row_key, rule order by logged_at, event desc rows unbounded preceding) as turn
  from backfeed.sync_quarantine_event as event_log
),
last_plans as (
  select sync_name, max(created_at) as last_plan_at from backfeed.sync_plan group by sync_name
)
select
  turns.sync_name,
  turns.row_key,
  turns.rule,
  min(turns.field) as field,
  min(turns.code) as code,
  min(turns.message) as message,
  max(turns.source_rows) as source_rows,
  case when max(case when turns.event = 'closed' then 1 else 0 end) = 1 then 'closed' else 'open' end as status,
  min(case when turns.event = 'opened' then turns.plan_id end) as first_plan_id,
  min(case when turns.event = 'opened' then turns.logged_at end) as first_seen_at,
  coalesce(max(case when turns.event = 'closed' then turns.logged_at end), max(last_plans.last_plan_at)) as last_seen_at,
  max(case when turns.event = 'closed' then turns.logged_at end) as closed_at
from turns
left join last_plans on last_plans.sync_name = turns.sync_name
group by turns.sync_name, turns.row_key, turns.rule, turns.turn
