/**
 * Sends the bulk jobs of a plan, one after another. Order is law here too (protocol A10): the intent is durable before the job
 * exists, its id before it has data, `closing` before it may run. A job that runs is waited for; if this run has to go first, the
 * job stays in the log as it is, and the next run takes it over by its id.
 */
import type { BulkLoader, PreparedLoad } from '../../destination/bulk.ts'
import { isPassing } from '../../destination/crm-problems.ts'
import type { RowOutcome } from '../../destination/destination.ts'
import { BackfeedError, invariant } from '../../errors.ts'
import type { Breakers } from '../breakers.ts'
import { resumeChain } from '../chain-end.ts'
import { addOutcome, type Delivery, interrupted, replaceOutcome, stopsOf } from '../delivery-totals.ts'
import { intentStep } from '../intent-step.ts'
import { keepingLease } from '../keep-lease.ts'
import { changePages } from '../read-batches.ts'
import { type CallEntry, callSteps, type ResultEntry, resultSteps } from '../result-log.ts'
import type { SentBatch } from '../send-batch.ts'
import type { SyncRun } from '../sync-run.ts'
import { sealedWhileHeld } from '../while-held.ts'
import { awaitJob } from './await-job.ts'
import { jobStep, type LoggedJob } from './job-log.ts'
import { bulkRequestOf, changesOf, type PlannedJob, plannedJobs } from './planned-jobs.ts'
import { recordResults } from './record-results.ts'

export async function deliverJobs(
  run: SyncRun,
  delivery: Delivery,
  before: { windowNo: number; breakers: Breakers },
): Promise<void> {
  const bulk = run.destination.bulk
  invariant(bulk, 'a plan with jobs was made for a destination that has them')
  const { breakers } = before
  let { windowNo } = before
  for (const planned of await plannedJobs(run)) {
    if (run.signal.aborted) delivery.stopped ??= interrupted()
    if (delivery.stopped || delivery.failure) return
    windowNo += 1
    const outcomes = newOutcomes(breakers)
    await deliverJob({ run, bulk, delivery, planned, windowNo, outcomes })
    const reason = breakers.afterJob(windowOf(planned, outcomes), delivery.totals)
    if (reason) delivery.stopped ??= reason
  }
}

/** What is kept of a job's outcomes for the breakers: whether one, or all of them, ends the run. */
interface Outcomes {
  rows: number
  aboutMapping: number
  breakers: Breakers
  first?: RowOutcome
}

function newOutcomes(breakers: Breakers): Outcomes {
  return { rows: 0, aboutMapping: 0, breakers }
}

function note(outcomes: Outcomes, outcome: RowOutcome): void {
  const cause = stopsOf(outcome)
  outcomes.rows += 1
  outcomes.breakers.note(outcome)
  if (cause === 'mapping') outcomes.aboutMapping += 1
  if (cause === 'access' || cause === 'later' || (cause === 'mapping' && outcomes.rows === 1))
    outcomes.first ??= outcome
}

function windowOf({ batchNo }: PlannedJob, { rows, aboutMapping, first }: Outcomes): SentBatch[] {
  if (first === undefined || (stopsOf(first) === 'mapping' && aboutMapping < rows)) return []
  return [{ batchNo, attempts: [], final: new Map([['job', { ...first, changeId: 'job' }]]) }]
}

interface Step {
  outcomes: Outcomes
  run: SyncRun
  bulk: BulkLoader
  delivery: Delivery
  planned: PlannedJob
  windowNo: number
}

async function deliverJob(step: Step): Promise<void> {
  const { run, delivery } = step
  const started = await startJob(step).catch((error: unknown) => fail(step, error))
  if (!started) return
  try {
    await finishJob(step, started)
  } catch (error) {
    if (!run.signal.aborted && !(error instanceof BackfeedError)) throw error
    delivery.running = { jobId: started.job.jobId, rows: started.rows }
    fail(step, error)
  }
}

/** What ended the delivery from outside. Rows of a job that never ran have not been sent. */
function fail({ run, delivery }: Pick<Step, 'run' | 'delivery'>, error: unknown): undefined {
  if (run.signal.aborted) delivery.stopped ??= interrupted()
  else if (error instanceof BackfeedError) delivery.failure ??= error
  else throw error
}

interface StartedJob {
  job: LoggedJob & { jobId: string }
  rows: number
  /** Places in the plan that the file does not hold. */
  refused: ReadonlySet<number>
  sent: { seq: number; at: string; leaseDeadline: string }
}

/** From the file to the moment at which the CRM may work on it; undefined when no line of it may be sent. */
async function startJob(step: Step): Promise<StartedJob | undefined> {
  const { run, bulk, planned, windowNo } = step
  const request = bulkRequestOf(run)
  const load = await bulk.prepare(request, changesOf(run, planned), run.signal)
  try {
    const refused = await recordRefused(step, load)
    if (load.rows === 0) return undefined
    const file = { rows: load.rows, bytes: load.bytes, sha256: load.sha256 }
    const planId = run.context.run.plan_id
    const job: LoggedJob = { planId, batchNo: planned.batchNo, windowNo, jobId: null, request, file }
    await announce(run, job)
    const opened = await openWithPatience(step, job, load)
    return { ...opened, refused }
  } finally {
    await load.discard()
  }
}

/** Rows whose line of the file would not have said what was planned are told, and not sent. */
async function recordRefused({ run, delivery, planned }: Step, load: PreparedLoad): Promise<ReadonlySet<number>> {
  const refused = new Set(load.refused)
  const entries: ResultEntry[] = []
  if (refused.size === 0) return new Set()
  for await (const page of changePages(run, planned.range)) {
    for (const { batchNo, change } of page.filter((each) => refused.has(each.change.changeId))) {
      const outcome = { status: 'rejected' as const, code: 'E-BULK-CELL', reason: refusedReason }
      addOutcome(delivery.totals, outcome)
      entries.push({ row: change, outcome, batchNo, attempt: 0 })
    }
  }
  await run.warehouse.atomic(run.log.sealed(resultSteps(run, entries)), run.options('jobs'))
  return new Set(entries.map((entry) => entry.row.rowNo))
}

const refusedReason = 'its line of the file does not read back as what was planned; it was not sent'

async function announce(run: SyncRun, job: LoggedJob): Promise<void> {
  const startedMs = run.ports.clock.nowMs()
  const { windowNo, batchNo } = job
  const intent = intentStep(run, { windowNo, batches: { from: batchNo, to: batchNo }, transport: 'bulk' })
  const steps = [...sealedWhileHeld(run, [intent, jobStep(run, job, 'intent')]), run.lease.renewStatement()]
  await run.warehouse.atomic(steps, run.options('jobs'))
  run.lease.renewed(startedMs)
}

type Opened = Omit<StartedJob, 'refused'>

const jobAttempts = 2

/** What goes wrong before a job can run leaves nothing behind, so that another job may be tried. */
async function openWithPatience(step: Step, job: LoggedJob, load: PreparedLoad): Promise<Opened> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openJob(step, job, load)
    } catch (error) {
      const { run, delivery } = step
      if (delivery.running || run.signal.aborted || attempt === jobAttempts || !isPassing(error)) throw error
    }
  }
}

async function openJob(step: Step, job: LoggedJob, load: PreparedLoad): Promise<Opened> {
  const { run, bulk } = step
  await run.lease.confirm()
  const jobId = await bulk.create(job.request, run.signal)
  run.ports.crashPoints.at('CP16')
  const known = { ...job, jobId }
  try {
    await run.warehouse.atomic(run.log.sealed([jobStep(run, known, 'created')]), run.options('jobs'))
    run.ports.crashPoints.at('CP17')
    await keepingLease(run, () => {
      const uploading = bulk.upload(jobId, load, run.signal)
      run.ports.crashPoints.at('CP18')
      return uploading
    })
    run.ports.crashPoints.at('CP19')
    await run.lease.renew()
    await run.warehouse.atomic(run.log.sealed([jobStep(run, known, 'closing')]), run.options('jobs'))
  } catch (error) {
    // A defect is no reason to touch the job: the run stays open, and the next one looks at it.
    if (error instanceof BackfeedError || run.signal.aborted) await abandon(step, known)
    throw error
  }
  return closeJob(step, known, load)
}

/** A job without its last word never runs; whether that could be said to the CRM does not matter. */
async function abandon({ run, bulk }: Step, job: LoggedJob & { jobId: string }): Promise<void> {
  const signal = new AbortController().signal
  await bulk.abort(job.jobId, signal).catch(() => undefined)
  await resumeChain(run)
  await run.warehouse.atomic(run.log.sealed([jobStep(run, job, 'abandoned')]), { ...run.options('jobs'), signal })
}

const closeAttempts = 3

/** A lost answer is asked for: a job that is still open is told again, anything else has heard. */
async function closeJob(step: Step, job: LoggedJob & { jobId: string }, load: PreparedLoad): Promise<Opened> {
  const { run, bulk } = step
  const signal = new AbortController().signal
  const sent = {
    seq: run.log.nextSeq(),
    at: new Date(run.ports.clock.nowMs()).toISOString(),
    leaseDeadline: new Date(run.lease.deadlineMs()).toISOString(),
  }
  const started = { job, rows: load.rows, sent }
  for (let attempt = 1; ; attempt += 1) {
    try {
      await bulk.close(job.jobId, signal)
      break
    } catch (error) {
      const state = await bulk.state(job.jobId, signal).catch(() => undefined)
      if (state !== undefined && state.phase !== 'open') break
      if (state !== undefined && attempt < closeAttempts) continue
      step.delivery.running = { jobId: job.jobId, rows: load.rows }
      throw error
    }
  }
  run.ports.crashPoints.at('CP20')
  await run.warehouse.atomic(
    run.log.sealed([jobStep(run, job, 'closed'), ...callSteps(run, callsOf(step, started, load))]),
    {
      ...run.options('jobs'),
      signal,
    },
  )
  step.delivery.totals.writeCalls += bulk.wire(job.jobId).length
  return started
}

function callsOf({ run, bulk }: Step, { job, sent }: Opened, load: PreparedLoad): CallEntry[] {
  return bulk.wire(job.jobId).map(({ method, path, carries }) => ({
    seq: run.log.nextSeq(),
    batchNo: job.batchNo,
    attempt: 1,
    method,
    path,
    rows: carries ? load.rows : 0,
    bodySha256: carries ? load.sha256 : null,
    durationMs: run.ports.clock.nowMs() - Date.parse(sent.at),
    sentAt: sent.at,
  }))
}

async function finishJob(
  { run, bulk, delivery, planned, outcomes }: Step,
  { job, rows, sent, refused }: StartedJob,
): Promise<void> {
  const state = await awaitJob(run, bulk, { id: job.jobId, rows })
  run.ports.crashPoints.at('CP22')
  const { totals } = delivery
  await recordResults(run, bulk, {
    job,
    state,
    range: planned.range,
    answered: refused,
    sent,
    onOutcome: (outcome, before) => {
      if (before) return replaceOutcome(totals, outcome, before)
      note(outcomes, outcome)
      addOutcome(totals, outcome)
    },
  })
  const signal = new AbortController().signal
  await run.warehouse.atomic(run.log.sealed([jobStep(run, job, 'recorded')]), { ...run.options('jobs'), signal })
  run.progress('sent', planned.range.to)
}
