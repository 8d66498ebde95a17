/**
 * Sends a plan, window by window. Order is law: the intent of a window is durable, then the lease is looked at, then the
 * requests go out, then their results become durable together with the next intent (protocol A5).
 */
import { BackfeedError } from '../errors.ts'
import type { AtomicStep } from '../warehouse/warehouse.ts'
import { breakersOf } from './breakers.ts'
import type { Plan } from './build-plan.ts'
import { type Canary, canaryOf } from './canary.ts'
import { addBatch, type Delivery, emptyTotals, interrupted, type StopReason } from './delivery-totals.ts'
import { intentStep } from './intent-step.ts'
import { deliverJobs } from './jobs/deliver-jobs.ts'
import { keepingLease } from './keep-lease.ts'
import type { Batch } from './read-batches.ts'
import { callSteps, type ResultEntry, resultSteps } from './result-log.ts'
import type { Attempt, SentBatch } from './send-batch.ts'
import { sendWindow } from './send-window.ts'
import { storedSteps } from './stored-values.ts'
import type { SyncRun } from './sync-run.ts'
import { sealedWhileHeld } from './while-held.ts'
import { windowGrowth } from './window-growth.ts'
import { windowSource } from './window-source.ts'

export async function deliverChanges(run: SyncRun, plan: Plan): Promise<Delivery> {
  const delivery: Delivery = { totals: emptyTotals() }
  let sent: SentBatch[] = []
  const release = pacedRelease(run)
  const breakers = breakersOf(run, plan.counts.send)
  const canary = canaryOf(run, plan)
  const { concurrency } = run.sync.limits
  const growth = windowGrowth({ concurrency, batchSize: run.context.sync.batch_size, path: run.context.sync.path })
  const source = windowSource(run, plan.counts.sendByRequest)
  const nextWindow = () => {
    const atOnce = breakers.windowSize()
    return source.next(canary.windowSize(atOnce < concurrency ? atOnce : growth.size()))
  }
  let windowNo = 0
  for (let window = await nextWindow(); window.length > 0; window = await nextWindow()) {
    if (run.signal.aborted) {
      stop(delivery, interrupted())
      break
    }
    if (windowNo > 0) run.ports.crashPoints.at('CP15')
    windowNo += 1
    // A flush that fails is not repeated: its results may be durable, and recovery reads what they are about.
    await flush(run, sent, intentOf(run, window, windowNo))
    await release()
    run.ports.crashPoints.at('CP08')
    const answered = await keepingLease(run, () => sendWindow(run, window))
    sent = answered.sent
    noteFailure(run, sent, delivery)
    source.putBack(answered.unsent)
    growth.after(sent)
    for (const batch of sent) addBatch(delivery.totals, batch)
    run.progress('sent', (answered.unsent[0]?.changes[0]?.rowNo ?? lastRow(window) + 1) - 1, plan.counts.send)
    const verdict = breakers.after(sent, delivery.totals)
    stop(delivery, verdict.stop)
    if (delivery.stopped || delivery.failure || !(await passes(canary, sent, delivery))) break
    if (verdict.waitMs === undefined) continue
    await flush(run, sent)
    sent = []
    await waitForCrm(run, verdict.waitMs)
  }
  await flush(run, sent)
  run.ports.crashPoints.at('CP14')
  if (plan.counts.jobs > 0 && !delivery.stopped && !delivery.failure)
    await deliverJobs(run, delivery, { windowNo, breakers })
  return delivery
}

function lastRow(window: readonly Batch[]): number {
  return window.at(-1)?.changes.at(-1)?.rowNo ?? 0
}

/** False ends the delivery: the first rows read back wrong, or cannot be read. */
async function passes(canary: Canary, sent: readonly SentBatch[], delivery: Delivery): Promise<boolean> {
  try {
    stop(delivery, await canary.after(sent))
  } catch (error) {
    if (!(error instanceof BackfeedError) || error.code === 'E-INTERNAL') throw error
    delivery.failure = error
  }
  return delivery.stopped === undefined && delivery.failure === undefined
}

/** A signal ends the wait; the loop sees it. */
async function waitForCrm(run: SyncRun, ms: number): Promise<void> {
  run.progress(`the CRM does not answer; the next try is in ${Math.round(ms / 1000)} seconds`)
  await run.warehouse.release()
  await run.ports.clock.sleep(ms, run.signal).catch(() => undefined)
}

const releaseEveryMs = 1_000

/** Giving a file up and taking it back costs as much as a window's write: an auditor gets a turn once a second. */
function pacedRelease(run: SyncRun): () => Promise<void> {
  let releasedMs = run.ports.clock.monotonicMs()
  return async () => {
    if (run.ports.clock.monotonicMs() - releasedMs < releaseEveryMs) return
    await run.warehouse.release()
    releasedMs = run.ports.clock.monotonicMs()
  }
}

function stop(delivery: Delivery, reason: StopReason | undefined): void {
  if (reason) delivery.stopped ??= reason
}

/** What was answered stands even when another batch of the window could not be sent; that failure ends the delivery. */
function noteFailure(run: SyncRun, sent: readonly SentBatch[], delivery: Delivery): void {
  const failure = sent.find((batch) => batch.failure !== undefined)?.failure
  if (failure === undefined) return
  if (run.signal.aborted) stop(delivery, interrupted())
  else if (failure instanceof BackfeedError && failure.code !== 'E-INTERNAL') delivery.failure = failure
  else throw failure
}

function intentOf(run: SyncRun, window: readonly Batch[], windowNo: number): AtomicStep {
  const batches = { from: window[0]?.batchNo ?? 0, to: window.at(-1)?.batchNo ?? 0 }
  return intentStep(run, { windowNo, batches, transport: 'rest' })
}

/**
 * One write: the results of the last window, the intent of the next and the lease's renewal. A runner that slept through its
 * lease writes none of it: whoever took over has closed its run, and reads back what it had sent.
 */
async function flush(run: SyncRun, sent: readonly SentBatch[], intent?: AtomicStep): Promise<void> {
  const appends = [...sentSteps(run, sent), ...(intent ? [intent] : [])]
  if (appends.length === 0) return
  await run.lease.confirm()
  const startedMs = run.ports.clock.nowMs()
  const steps = [...sealedWhileHeld(run, appends), ...(intent ? [run.lease.renewStatement()] : [])]
  const writing = run.warehouse.atomic(steps, { ...run.options('results'), signal: new AbortController().signal })
  if (sent.length > 0) run.ports.crashPoints.at('CP13')
  await writing
  if (intent) run.lease.renewed(startedMs)
}

function sentSteps(run: SyncRun, sent: readonly SentBatch[]): AtomicStep[] {
  const attempts = sent.flatMap(({ batchNo, attempts: made }) => made.map((attempt) => ({ batchNo, attempt })))
  return [
    ...storedSteps(run, sent),
    ...resultSteps(
      run,
      attempts.flatMap(({ batchNo, attempt }) => resultEntries(batchNo, attempt)),
    ),
    ...callSteps(
      run,
      attempts.map(({ batchNo, attempt }) => ({
        ...attempt,
        batchNo,
        seq: attempt.sendSeq,
        rows: attempt.results.length,
      })),
    ),
  ]
}

function resultEntries(batchNo: number, attempt: Attempt): ResultEntry[] {
  const { httpStatus, requestId, sendSeq, sentAt, leaseDeadline } = attempt
  const call = {
    batchNo,
    attempt: attempt.attempt,
    sent: { seq: sendSeq, at: sentAt, leaseDeadline },
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(requestId === undefined ? {} : { requestId }),
  }
  return attempt.results.map(({ change, outcome }) => ({ row: change, outcome, ...call }))
}
