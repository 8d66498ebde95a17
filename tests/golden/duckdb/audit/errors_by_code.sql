-- Grain: one code of one sync, outcome and field. Key: sync_name, outcome, code, field.
select r.sync_name, o.outcome, o.code, o.field, count(*) as rows, count(distinct o.row_key) as row_keys, min(o.logged_at) as first_seen_at, max(o.logged_at) as last_seen_at
from backfeed_audit.last_outcomes as o
join backfeed.sync_run as r on r.run_id = o.run_id
where o.outcome <> 'succeeded'
group by r.sync_name, o.outcome, o.code, o.field
