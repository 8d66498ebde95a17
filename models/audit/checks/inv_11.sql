-- INV-11 No key goes back to an older plan
-- In the order of the log, what the CRM acknowledged for a key never comes from an older plan than before.
with acknowledged as (
  select p.sync_name, o.row_key, o.plan_id, o.row_no, o.logged_at, p.plan_serial,
    lag(p.plan_serial) over (partition by p.sync_name, p.org_id, o.row_key order by o.epoch, o.seq, o.row_no) as serial_before
  from {{ run.audit.last_outcomes }} as o
  join {{ run.ledger.sync_plan }} as p on p.plan_id = o.plan_id
  where o.outcome = 'succeeded'
)
select sync_name, logged_at as found_at, {{ checks.row_of('acknowledged') }} || ' came after a newer plan' as finding
from acknowledged
where serial_before > plan_serial
