/** Promotion: once a run has said how it ended, the runs of the phase decide whether the next one begins. */
import { terminalEvents } from '../../audit/run-log.ts'
import type { AtomicStep } from '../../warehouse/warehouse.ts'
import type { SyncRun } from '../sync-run.ts'
import { nowText } from '../warehouse-clock.ts'
import { type ActivePhase, type RolloutEvent, rolloutName } from './active-phase.ts'
import { mayAdvance, type PhaseProgress, type PhaseRun, phaseProgress } from './phase-progress.ts'

/** After the run's own end is in the log. Returns the phase that is active from now on, when that changed. */
export async function advanceRollout(run: SyncRun): Promise<string | undefined> {
  const { rollout, sync } = run
  if (sync.rollout === undefined || rollout?.next === undefined || rollout.paused || rolloutName(sync) !== sync.name)
    return
  const progress = await progressOf(run)
  if (progress === undefined || !mayAdvance(progress)) return
  const reason = `${progress.goodRuns} runs of ${rollout.name} ended well`
  await run.warehouse.atomic(
    [rolloutStep(run, { phase: rollout.next, event: 'advanced', reason })],
    run.options('rollout'),
  )
  run.progress(`rollout: ${reason}; ${rollout.next} is next`)
  return rollout.next
}

/** Undefined without a rollout that advances by itself. */
export async function progressOf(run: SyncRun): Promise<PhaseProgress | undefined> {
  const { sync, rollout } = run
  if (rollout === undefined || sync.rollout?.advanceAfter === undefined) return undefined
  return phaseProgress(await runsOf(run, rollout), sync.rollout)
}

/** More than any rule asks for. */
const mostRuns = 1_000

async function runsOf(run: SyncRun, { name, sinceEpoch }: ActivePhase): Promise<PhaseRun[]> {
  const { ledger } = run.context.run
  const ended = terminalEvents.map((event) => `'${event}'`).join(', ')
  const here = `r.kind = 'run' and r.sync_name = '${rolloutName(run.sync)}' and r.target = '${run.target.name}' and r.org_id = '${run.org.orgId}'
  and r.rollout_phase = '${name}' and r.epoch > ${sinceEpoch}`
  const sql = `select coalesce(r.purpose, 'sync'), e.event, coalesce(p.send_rows, 0), coalesce(o.succeeded, 0)
from ${ledger.sync_run} as r
left join ${ledger.sync_run_event} as e on e.run_id = r.run_id and e.event in (${ended})
left join ${ledger.sync_plan} as p on p.plan_id = r.plan_id
left join (
  select result.plan_id, count(distinct result.row_no) as succeeded
  from ${ledger.sync_result} as result
  join ${ledger.sync_run} as r on r.plan_id = result.plan_id
  where result.outcome = 'succeeded' and ${here}
  group by result.plan_id
) as o on o.plan_id = r.plan_id
where ${here} and (r.run_id <> '${run.context.run.id}' or e.event is not null)
order by r.epoch desc limit ${mostRuns}`
  const rows = await run.warehouse.rows(sql, { ...run.options('rollout'), max: mostRuns })
  return rows.map(([purpose, event, send, done]) => ({
    purpose: purpose ?? '',
    event: event ?? null,
    send: Number(send),
    succeeded: Number(done),
  }))
}

export function rolloutStep(
  run: SyncRun,
  { phase, event, reason }: { phase: string; event: RolloutEvent; reason: string },
): AtomicStep {
  return run.log.rows('sync_rollout', rolloutColumns, [
    [
      rolloutName(run.sync), run.target.name, run.org.orgId, phase, event, reason, run.actor, run.gitSha ?? null, run.context.run.id,
      String(run.lease.epoch), String(run.log.nextSeq()), nowText(run),
    ],
  ]) // biome-ignore format: in the order of rolloutColumns
}

export const rolloutColumns = [
  'sync_name', 'target', 'org_id', 'phase', 'event', 'reason', 'actor', 'git_sha', 'run_id', 'epoch', 'seq', 'logged_at',
] // biome-ignore format: one line reads better than one per column
