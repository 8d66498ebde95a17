/**
 * Closes a run that ended without saying so. Only reads and records, never sends: rows that may have been sent become
 * `unknown`, and the next plan reads their live values before it decides anything (protocol A8). Rows that were never
 * announced were not sent, and say so.
 */
import { terminalEvents } from '../audit/run-log.ts'
import { chainEnd } from './chain-end.ts'
import { adoptJobs } from './jobs/adopt-jobs.ts'
import { markUnfolded } from './mark-unfolded.ts'
import { packageContext, renderPackageModel } from './materialize.ts'
import { replayJournal } from './replay-journal.ts'
import { removeJournal } from './run-journal.ts'
import { foldStatements, timestampOf } from './settle-run.ts'
import type { SyncRun } from './sync-run.ts'
import { nowText } from './warehouse-clock.ts'
import { eventWhileHeld } from './while-held.ts'

export interface OpenRun {
  runId: string
  planId: string
  mappingHash: string
  epoch: number
  /** False for a `plan`, and for a run that died before its plan was complete: nothing was announced, so nothing was sent. */
  mayHaveSent: boolean
}

/** Returns the number of rows whose outcome is unknown because a run died. */
export async function recover(run: SyncRun): Promise<number> {
  let unknown = 0
  for (const open of await openRuns(run)) {
    await run.lease.confirm()
    const closed: ClosedRows[] = []
    if (open.mayHaveSent) {
      await adoptJobs(run, open)
      await replayJournal(run, open)
      run.ports.crashPoints.at('CP03')
      closed.push(await recordOrphans(run, open))
      unknown += closed[0]?.rows ?? 0
      run.ports.crashPoints.at('CP04')
      closed.push(await recordUnsent(run, open))
      await foldPlan(run, open)
    }
    await recordCrash(
      run,
      open,
      closed.filter(({ rows }) => rows > 0),
    )
    if (run.ports.journal) await removeJournal(run.ports.journal, run.project.dir, open.runId)
  }
  return unknown
}

async function recordCrash(run: SyncRun, open: OpenRun, closed: readonly ClosedRows[]): Promise<void> {
  const end = await chainEnd(run, open.runId)
  const detail = { closed_by: run.context.run.id, ...(closed.length > 0 ? { closed } : {}) }
  const event = run.log.closing({ runId: open.runId, end }, 'crashed', detail)
  await run.warehouse.atomic([run.lease.renewStatement(), eventWhileHeld(run, event)], run.options('recover'))
}

/** The oldest first; more than these wait for the next run. A newer run is not this one's to close: it has taken over. */
async function openRuns(run: SyncRun): Promise<OpenRun[]> {
  const { ledger } = run.context.run
  const ended = terminalEvents.map((event) => `'${event}'`).join(', ')
  const sql = `select r.run_id, r.plan_id, r.mapping_hash, r.epoch, case when r.kind = 'run' and p.plan_id is not null then 'yes' else 'no' end
from ${ledger.sync_run} as r
left join ${ledger.sync_plan} as p on p.plan_id = r.plan_id
where r.sync_name = '${run.sync.name}' and r.org_id = '${run.org.orgId}' and r.epoch < ${run.lease.epoch}
  and not exists (select 1 from ${ledger.sync_run_event} as e where e.run_id = r.run_id and e.event in (${ended}))
order by r.epoch limit 100`
  const rows = await run.warehouse.rows(sql, { ...run.options('recover'), max: 100 })
  return rows.map(([runId, planId, mappingHash, epoch, mayHaveSent]) => ({
    runId: runId ?? '',
    planId: planId ?? '',
    mappingHash: mappingHash ?? '',
    epoch: Number(epoch),
    mayHaveSent: mayHaveSent === 'yes',
  }))
}

interface Verdict {
  outcome: 'unknown' | 'retryable'
  message: string
  /** Of the planned rows. */
  where: string
}

/** Rows inside an intent and without a result may have been sent. */
function recordOrphans(run: SyncRun, open: OpenRun): Promise<ClosedRows> {
  const { ledger } = run.context.run
  return recordVerdict(run, open, {
    outcome: 'unknown',
    message: 'the run died after it had announced this row',
    where: `exists (select 1 from ${ledger.sync_intent} as intent where intent.plan_id = planned.plan_id and planned.batch_no between intent.batch_from and intent.batch_to)
  and not exists (select 1 from ${ledger.sync_job} as job where job.plan_id = planned.plan_id and job.batch_no = planned.batch_no and job.phase = 'abandoned'
    and not exists (select 1 from ${ledger.sync_job} as later where later.plan_id = job.plan_id and later.batch_no = job.batch_no and (later.epoch > job.epoch or later.epoch = job.epoch and later.seq > job.seq)))`,
  })
}

function recordUnsent(run: SyncRun, open: OpenRun): Promise<ClosedRows> {
  return recordVerdict(run, open, {
    outcome: 'retryable',
    message: 'the run died before this row was sent',
    where: '1 = 1',
  })
}

const verdictColumns = [
  'event_id', 'run_id', 'epoch', 'seq', 'resolves_epoch', 'plan_id', 'row_no', 'row_key', 'attempt', 'outcome', 'crm_id', 'code', 'message',
  'batch_no', 'payload_hash', 'logged_at',
] // biome-ignore format: one line per group reads better than one per column

/** Rows that got their outcome in the warehouse, all at one place of the log: what the chain says of them. */
interface ClosedRows {
  seq: number
  outcome: Verdict['outcome']
  rows: number
}

async function recordVerdict(run: SyncRun, open: OpenRun, { outcome, message, where }: Verdict): Promise<ClosedRows> {
  const { ledger } = run.context.run
  const seq = run.log.nextSeq()
  const text = run.environment.call('sql.cast', ['planned.row_no', { kind: 'text' }])
  const eventId = run.environment.call('sql.md5', [`'${run.context.run.id}:${seq}:' || ${text}`])
  const select = `select ${eventId}, '${open.runId}', ${run.lease.epoch}, ${seq}, ${open.epoch}, planned.plan_id, planned.row_no, planned.row_key, 0,
  '${outcome}', planned.crm_id, 'E-RUN-CRASHED', '${message}', planned.batch_no, planned.payload_hash, ${timestampOf(run, nowText(run))}
from ${ledger.sync_plan_row} as planned
where planned.plan_id = '${open.planId}' and planned.decision = 'send' and ${where}
  and not exists (select 1 from ${ledger.sync_result} as result where result.plan_id = planned.plan_id and result.row_no = planned.row_no)`
  const insert = run.environment.call('sql.insert_select', [ledger.sync_result, verdictColumns, select])
  const { affected } = await run.warehouse.exec(insert, run.options('recover'))
  return { seq, outcome, rows: affected ?? 0 }
}

/** Only while the changes table still holds that plan and the mapping is the same; otherwise what was sent is marked as unsettled. */
async function foldPlan(run: SyncRun, open: OpenRun): Promise<void> {
  const { sync } = run.context
  if (open.mappingHash !== sync.mapping_hash || !(await holdsPlan(run, open.planId))) {
    await markUnfolded(run, open)
    return
  }
  const context = packageContext(run)
  const folded = renderPackageModel(run.environment, 'folded', {
    ...context,
    run: { ...context.run, plan_id: open.planId },
  })
  const steps = [run.lease.renewStatement(), ...folded.statements, ...foldStatements(run, open)]
  await run.warehouse.atomic(steps, run.options('recover'))
}

async function holdsPlan(run: SyncRun, planId: string): Promise<boolean> {
  if (!(await run.warehouse.columns({ schema: run.target.schema, name: `changes_${run.sync.name}` }))) return false
  const rows = await run.warehouse.rows(
    `select count(*) from ${run.context.sync.work.changes} where plan_id = '${planId}'`,
    { ...run.options('recover'), max: 1 },
  )
  return Number(rows[0]?.[0] ?? 0) > 0
}
