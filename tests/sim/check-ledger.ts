/** The log against itself: the invariants of the protocol as SQL. Every query gives no row when all is well. */
import type { World } from './world.ts'

const queries: Readonly<Record<string, string>> = {
  'reconciliation is empty': 'select check_name, run_id from backfeed_audit.reconciliation',
  'nothing is sent after the deadline':
    'select event_id from backfeed.sync_result where sent_at is not null and sent_at > lease_deadline',
  'an epoch belongs to one run':
    'select sync_name, epoch from backfeed.sync_run group by sync_name, epoch having count(distinct run_id) > 1',
  'an event resolves no newer epoch': 'select event_id from backfeed.sync_result where resolves_epoch > epoch',
  'every send has an earlier intent': `select s.event_id from backfeed.sync_result as s
join backfeed.sync_plan_row as r on r.plan_id = s.plan_id and r.row_no = s.row_no
left join backfeed.sync_intent as i on i.plan_id = s.plan_id and i.run_id = s.run_id and i.epoch = s.epoch and r.batch_no between i.batch_from and i.batch_to and i.seq < s.send_seq
where s.send_seq is not null and i.run_id is null`,
  'only what was planned was sent': `select s.event_id from backfeed.sync_result as s
left join backfeed.sync_plan_row as r on r.plan_id = s.plan_id and r.row_no = s.row_no
where s.send_seq is not null and (r.row_no is null or r.decision <> 'send' or r.payload_hash <> s.payload_hash)`,
  'no field is planned that is not mapped': `select f.field from backfeed.sync_plan_field as f
join backfeed.sync_run as u on u.plan_id = f.plan_id
left join backfeed.sync_mapping as m on m.sync_name = u.sync_name and m.mapping_hash = u.mapping_hash and m.field = f.field
where f.action in ('set', 'clear') and (m.field is null or m.owner = 'crm')`,
  'a null clears only where the policy says so': `select f.plan_id from backfeed.sync_plan_field as f
join backfeed.sync_run as u on u.plan_id = f.plan_id
where f.action = 'clear' and f.null_policy = 'ignore' and coalesce(u.purpose, '') <> 'revert'`,
  'every sent update has a before-image': `select s.event_id from backfeed.sync_result as s
join backfeed.sync_plan_row as r on r.plan_id = s.plan_id and r.row_no = s.row_no
where s.send_seq is not null and r.op = 'update' and not r.before_captured`,
  'one record stands for one key': `select crm_id from (select distinct crm_id, row_key from backfeed.sync_identity where how = 'created') group by crm_id having count(*) > 1`,
  'the chain of a run has no gap': `select run_id, chain_no from (
  select run_id, chain_no, prev_hash, lag(hash) over (partition by run_id order by chain_no) as before, lag(chain_no) over (partition by run_id order by chain_no) as number
  from (select distinct run_id, chain_no, prev_hash, hash from backfeed.sync_run_event)
) where number is not null and (number + 1 <> chain_no or before <> prev_hash)`,
  'one trigger is applied once': `select u.run_key from backfeed.sync_run as u
join backfeed.sync_run_event as e on e.run_id = u.run_id and e.event = 'succeeded'
where u.kind = 'run' and u.run_key is not null group by u.run_key, u.sync_name having count(distinct u.run_id) > 1`,
  'a run that succeeded has an outcome for every row': `select r.plan_id, r.row_no from backfeed.sync_run as u
join backfeed.sync_run_event as e on e.run_id = u.run_id and e.event = 'succeeded'
join backfeed.sync_plan_row as r on r.plan_id = u.plan_id and r.decision = 'send'
left join backfeed_audit.last_outcomes as o on o.plan_id = r.plan_id and o.row_no = r.row_no
where u.kind = 'run' and (o.row_no is null or o.outcome <> 'succeeded')`,
}

export function checkLedger(world: World): void {
  for (const [name, sql] of Object.entries(queries)) {
    const rows = world.stage.store.select(sql)
    if (rows.length > 0)
      world.violated(
        name,
        rows
          .slice(0, 3)
          .map((row) => row.join(' '))
          .join('; '),
      )
  }
}

/** Rare paths that only the log tells of. */
const paths: Readonly<Record<string, string>> = {
  'recovery: orphans':
    "select 1 from backfeed.sync_result where message = 'the run died after it had announced this row'",
  'recovery: unsent': "select 1 from backfeed.sync_result where message = 'the run died before this row was sent'",
  'recovery: nothing planned':
    "select 1 from backfeed.sync_run_event where event = 'crashed' and run_id not in (select run_id from backfeed.sync_plan)",
  'held back: unknown': "select 1 from backfeed.sync_plan_row where reason = 'outcome_unknown'",
  'held back: rejected': "select 1 from backfeed.sync_plan_row where reason = 'rejected_unchanged'",
}

export function countPaths(world: World): void {
  for (const [name, sql] of Object.entries(paths)) {
    const { length } = world.stage.store.select(sql)
    if (length > 0) world.counters.add(name, length)
  }
}
