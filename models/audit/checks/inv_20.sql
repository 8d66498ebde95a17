-- INV-20 State is the fold of the log
-- Every place in the log that state names is there, for that key, and so is the record it holds.
with
{{ checks.states() }},
results as (
{{ checks.results() }}
),
last_links as (
  select sync_name, row_key, crm_id, logged_at
  from (
    select link.*, row_number() over (partition by sync_name, row_key order by logged_at desc, run_id desc) as place
    from {{ run.ledger.sync_identity }} as link
  ) as ranked
  where place = 1
)
select states.sync_name, {{ sql.now_utc() }} as found_at, 'key ' || states.row_key || ': no result at epoch ' || {{ sql.cast('states.epoch', {kind: 'text'}) }} || ', seq ' || {{ sql.cast('states.seq', {kind: 'text'}) }} as finding
from states
left join results on results.row_key = states.row_key and results.epoch = states.epoch and results.seq = states.seq
where states.epoch is not null and results.event_id is null

union all
select states.sync_name, last_links.logged_at, 'key ' || states.row_key || ': state holds record ' || states.crm_id || ', the log ' || last_links.crm_id
from states
join last_links on last_links.sync_name = states.sync_name and last_links.row_key = states.row_key
where states.crm_id <> last_links.crm_id
