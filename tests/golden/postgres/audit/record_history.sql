-- Grain: one thing that happened to one key: a field that was planned, a quarantine that opened or closed, a primary key that became another. Key: none; order by happened_at.
select sync_name, row_key, crm_id, planned_at as happened_at, run_id, kind as run_kind, 'field' as kind, field as subject, action, before_value, after_value, outcome, reason, actor
from backfeed_audit.field_changes

union all
select q.sync_name, q.row_key, cast(null as text), q.logged_at, p.run_id, r.kind, 'quarantine', q.rule, q.event, cast(null as text), cast(null as text), q.code, q.message, r.actor
from backfeed.sync_quarantine_event as q
left join backfeed.sync_plan as p on p.plan_id = q.plan_id
left join backfeed.sync_run as r on r.run_id = p.run_id

union all
select r.sync_name, renamed.row_key, renamed.crm_id, r.started_at, r.run_id, r.kind, 'key', 'primary key', case renamed.decision when 'removed' then 'ended' else 'taken over' end,
  case when renamed.decision <> 'removed' then other.row_key end, case when renamed.decision = 'removed' then other.row_key end, cast(null as text), renamed.reason, r.actor
from backfeed.sync_plan_row as renamed
join backfeed.sync_plan as p on p.plan_id = renamed.plan_id
join backfeed.sync_run as r on r.run_id = p.run_id and r.kind = 'run'
left join backfeed.sync_plan_row as other on other.plan_id = renamed.plan_id and other.crm_id = renamed.crm_id and other.decision <> renamed.decision
where renamed.reason = 'rekeyed'
