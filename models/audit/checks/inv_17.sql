-- INV-17 Nothing unknown is sent again unread
-- A row that may have been applied is read back before it is sent once more, by the same plan or by a later one.
with results as (
{{ checks.results() }}
),
doubtful as (
  select results.*, p.sync_name, p.org_id
  from results
  join {{ run.ledger.sync_plan }} as p on p.plan_id = results.plan_id
  where results.outcome = 'unknown'
)
select doubtful.sync_name, again.logged_at as found_at, {{ checks.row_of('again') }} || ' was sent again while its outcome was unknown' as finding
from results as again
join doubtful on doubtful.plan_id = again.plan_id and doubtful.row_no = again.row_no and (doubtful.epoch < again.epoch or doubtful.epoch = again.epoch and doubtful.seq < again.seq)
left join results as answer on answer.plan_id = again.plan_id and answer.row_no = again.row_no and answer.send_seq is null and answer.outcome <> 'unknown'
  and (answer.epoch > doubtful.epoch or answer.epoch = doubtful.epoch and answer.seq > doubtful.seq)
  and (answer.epoch < again.epoch or answer.epoch = again.epoch and answer.seq < again.seq)
where again.send_seq is not null and answer.event_id is null

union all
select doubtful.sync_name, again.logged_at, {{ checks.row_of('again') }} || ' was sent unread after an unknown outcome'
from results as again
join {{ run.ledger.sync_plan }} as later on later.plan_id = again.plan_id
join {{ run.ledger.sync_plan_row }} as planned on planned.plan_id = again.plan_id and planned.row_no = again.row_no
join doubtful on doubtful.sync_name = later.sync_name and doubtful.org_id = later.org_id and doubtful.row_key = again.row_key and doubtful.plan_id <> again.plan_id and doubtful.epoch < again.epoch
where again.send_seq is not null and coalesce(planned.before_captured, false) = false
