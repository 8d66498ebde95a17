-- Grain: one write request. Key: event_id. Reads are counted per run, not listed.
select c.event_id, c.run_id, c.sync_name, r.destination, r.connection, r.org_id, c.batch_no, c.attempt, c.method, c.path, c.rows, c.body_sha256, c.http_status, c.request_id, c.remaining, c.duration_ms, c.sent_at
from backfeed.sync_call as c
join backfeed.sync_run as r on r.run_id = c.run_id
