/**
 * Takes over the bulk jobs of a run that is gone, by their ids (protocol A10). Nothing is sent: a job that was never started is
 * aborted, one that runs is waited for, and what an ended one says is recorded. No other write of the sync happens before that.
 */
import type { BulkLoader } from '../../destination/bulk.ts'
import { BackfeedError } from '../../errors.ts'
import type { PageRange } from '../../warehouse/warehouse.ts'
import type { OpenRun } from '../recover.ts'
import type { SyncRun } from '../sync-run.ts'
import { awaitJob } from './await-job.ts'
import { jobStep, type OpenJob, openJobs } from './job-log.ts'
import { recordResults } from './record-results.ts'

/** Rows of jobs that never ran lose their intent, so that they count as not sent. */
export async function adoptJobs(run: SyncRun, open: OpenRun): Promise<void> {
  const { bulk } = run.destination
  if (!bulk) return
  for (const job of await openJobs(run, open.planId)) await adoptJob({ run, bulk, open }, job)
}

interface Adoption {
  run: SyncRun
  bulk: BulkLoader
  open: OpenRun
}

async function adoptJob(adoption: Adoption, job: OpenJob): Promise<void> {
  const { run, bulk } = adoption
  const { jobId } = job
  if (jobId === null) return record(run, job, 'abandoned')
  const state = await bulk.state(jobId, run.signal)
  if (state.phase === 'open') await bulk.abort(jobId, run.signal)
  const neverRan = state.phase === 'open' || (job.phase === 'created' && state.phase === 'gone')
  if (neverRan) return record(run, job, 'abandoned')
  await recordEnded(adoption, { ...job, jobId })
  await record(run, job, 'recorded')
}

function record(run: SyncRun, job: OpenJob, phase: 'abandoned' | 'recorded'): Promise<void> {
  return run.warehouse.atomic(run.log.sealed([jobStep(run, job, phase)]), run.options('jobs'))
}

/** Without the changes of that plan no key can be traced to its row: those rows stay unknown and are read back. */
async function recordEnded({ run, bulk, open }: Adoption, job: OpenJob & { jobId: string }): Promise<void> {
  const range = await rangeOf(run, job)
  if (range === undefined) return
  const state = await awaitJob(run, bulk, { id: job.jobId })
  const answered = await answeredRows(run, job)
  const of = { runId: open.runId, planId: open.planId, epoch: open.epoch }
  try {
    await recordResults(run, bulk, { job, state, range, answered, of, onOutcome: () => undefined })
  } catch (error) {
    if (run.signal.aborted || !isUnreadable(error)) throw error
  }
}

/** Results that make no sense a second time will not the third: rows without one are unknown, and read back. */
function isUnreadable(error: unknown): boolean {
  return error instanceof BackfeedError && (error.code === 'E-CRM-ANSWER' || error.code === 'E-CRM-REFUSED')
}

async function rangeOf(run: SyncRun, job: OpenJob): Promise<PageRange | undefined> {
  const name = `changes_${run.sync.name}`
  if (!(await run.warehouse.columns({ schema: run.target.schema, name }))) return undefined
  const sql = `select min(seq), max(seq) from ${run.context.sync.work.changes} where plan_id = '${job.planId}' and batch_no = ${job.batchNo}`
  const [row] = await run.warehouse.rows(sql, { ...run.options('jobs'), max: 1 })
  const [from, to] = row ?? []
  return from && to ? { from: Number(from), to: Number(to) } : undefined
}

async function answeredRows(run: SyncRun, job: OpenJob): Promise<ReadonlySet<number>> {
  const sql = `select distinct row_no from ${run.context.run.ledger.sync_result} where plan_id = '${job.planId}' and batch_no = ${job.batchNo}`
  const rows = await run.warehouse.rows(sql, { ...run.options('jobs'), max: 1_000_000 })
  return new Set(rows.map(([rowNo]) => Number(rowNo)))
}
