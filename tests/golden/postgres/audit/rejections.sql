-- Grain: one row whose last outcome in a run is that the CRM rejected it. Key: run_id, row_no.
select r.run_id, r.sync_name, o.row_no, o.row_key, o.crm_id, o.code, o.message, o.field, o.http_status, o.request_id, o.attempt, o.sent_at, o.logged_at
from backfeed_audit.last_outcomes as o
join backfeed.sync_run as r on r.run_id = o.run_id
where o.outcome = 'rejected'
