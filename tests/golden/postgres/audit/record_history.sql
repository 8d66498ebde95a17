-- Grain: one thing that happened to one key: a field that was planned, or a quarantine that opened or closed. Key: none; order by happened_at.
select sync_name, row_key, crm_id, planned_at as happened_at, run_id, kind as run_kind, 'field' as kind, field as subject, action, before_value, after_value, outcome, reason, actor
from backfeed_audit.field_changes

union all
select q.sync_name, q.row_key, cast(null as text), q.logged_at, p.run_id, r.kind, 'quarantine', q.rule, q.event, cast(null as text), cast(null as text), q.code, q.message, r.actor
from backfeed.sync_quarantine_event as q
left join backfeed.sync_plan as p on p.plan_id = q.plan_id
left join backfeed.sync_run as r on r.run_id = p.run_id
