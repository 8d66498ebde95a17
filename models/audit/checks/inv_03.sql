-- INV-03 No update is lost
-- What the last run of a key planned is acknowledged in state as planned, or the key is open there and will be looked at again.
with
{{ checks.states() }},
ended_plans as (
{{ checks.ended_plans() }}
),
last_rows as (
  select *
  from (
    select ended_plans.sync_name, ended_plans.started_at, row_log.plan_id, row_log.row_no, row_log.row_key, row_log.decision, row_log.fingerprint,
      row_number() over (partition by ended_plans.sync_name, row_log.row_key order by ended_plans.epoch desc) as place
    from {{ run.ledger.sync_plan_row }} as row_log
    join ended_plans on ended_plans.plan_id = row_log.plan_id
    -- What a revert leaves alone is as the run before it left it.
    where row_log.row_key is not null and row_log.decision <> 'kept' and not (row_log.decision = 'held' and coalesce(row_log.reason, '') = 'outcome_unknown')
  ) as ranked
  where place = 1
),
judged as (
  select last_rows.*, states.row_key as state_key, states.is_open, states.fingerprint as state_fingerprint,
    last_rows.decision = 'noop' or last_rows.decision = 'send' and coalesce(outcomes.outcome, '') = 'succeeded' as is_done
  from last_rows
  left join {{ run.audit.last_outcomes }} as outcomes on outcomes.plan_id = last_rows.plan_id and outcomes.row_no = last_rows.row_no
  left join states on states.sync_name = last_rows.sync_name and states.row_key = last_rows.row_key
  where last_rows.sync_name in ({{ checks.sync_names() }})
)
select sync_name, started_at as found_at, 'key ' || row_key || ' of ' || plan_id || ': ' || case when state_key is null then 'state does not know it' when is_done then 'state holds another version' else 'not acknowledged, and not open' end as finding
from judged
where state_key is null
  or coalesce(is_open, false) = false and decision <> 'removed' and (not is_done or {{ sql.is_distinct('fingerprint', 'state_fingerprint') }})
