-- INV-19 Nothing is written beside a bulk job that still runs
-- While a job has neither results nor been given up, no other plan of the sync sends anything.
with results as (
{{ checks.results() }}
),
jobs as (
  select p.sync_name, p.org_id, job.plan_id, job.job_id,
    min(job.epoch * 1000000000 + job.seq) as opened,
    max(case when job.phase in ('recorded', 'abandoned') then job.epoch * 1000000000 + job.seq end) as ended
  from {{ run.ledger.sync_job }} as job
  join {{ run.ledger.sync_plan }} as p on p.plan_id = job.plan_id
  where job.job_id is not null
  group by p.sync_name, p.org_id, job.plan_id, job.job_id
)
select jobs.sync_name, sent.logged_at as found_at, {{ checks.row_of('sent') }} || ' was sent while job ' || jobs.job_id || ' ran' as finding
from jobs
join {{ run.ledger.sync_plan }} as other on other.sync_name = jobs.sync_name and other.org_id = jobs.org_id and other.plan_id <> jobs.plan_id
join results as sent on sent.plan_id = other.plan_id and sent.send_seq is not null
where sent.epoch * 1000000000 + sent.send_seq > jobs.opened and (jobs.ended is null or sent.epoch * 1000000000 + sent.send_seq < jobs.ended)
