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
import { type Batch, batchesOf } from './read-batches.ts'
import { callSteps, type ResultEntry, resultSteps } from './result-log.ts'
import { type Attempt, type SentBatch, sendBatch } from './send-batch.ts'
import { storedSteps } from './stored-values.ts'
import type { SyncRun } from './sync-run.ts'
import { sealedWhileHeld } from './while-held.ts'

export async function deliverChanges(run: SyncRun, plan: Plan): Promise<Delivery> {
  const delivery: Delivery = { totals: emptyTotals() }
  let sent: SentBatch[] = []
  const release = pacedRelease(run)
  const breakers = breakersOf(run, plan.counts.send)
  const canary = canaryOf(run, plan)
  const size = () => canary.windowSize(breakers.windowSize())
  let windowNo = 0
  for await (const window of windowsOf(run, plan.counts.sendByRequest, size)) {
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
    sent = await keepingLease(run, () => sendWindow(run, window, delivery))
    for (const batch of sent) addBatch(delivery.totals, batch)
    run.progress('sent', window.at(-1)?.changes.at(-1)?.rowNo ?? 0, plan.counts.send)
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

/** A window is as many batches as may be in flight at once; deletes wait until everything before them has been answered. */
async function* windowsOf(run: SyncRun, total: number, size: () => number): AsyncGenerator<Batch[]> {
  let window: Batch[] = []
  for await (const batch of batchesOf(run, total)) {
    if (window[0] !== undefined && removalOf(window[0]) !== removalOf(batch)) {
      yield window
      window = []
    }
    window.push(batch)
    if (window.length < size()) continue
    yield window
    window = []
  }
  if (window.length > 0) yield window
}

function removalOf({ changes }: Batch): string | undefined {
  return changes[0]?.removal
}

/** Batches that share a parent follow each other: sent at once they would lock each other out. */
function lanesOf(window: readonly Batch[]): Batch[][] {
  const lanes: Batch[][] = []
  for (const batch of window) {
    const lane = lanes.at(-1)
    const parent = batch.changes[0]?.parent ?? null
    if (lane !== undefined && parent !== null && lane.at(-1)?.changes.at(-1)?.parent === parent) lane.push(batch)
    else lanes.push([batch])
  }
  return lanes
}

async function sendLane(run: SyncRun, lane: readonly Batch[]): Promise<SentBatch[]> {
  const sent: SentBatch[] = []
  for (const batch of lane) {
    const made = await sendBatch(run, batch)
    sent.push(made)
    if (made.failure !== undefined) break
  }
  return sent
}

/** What was answered is returned even when another batch of the window could not be sent; that failure ends the delivery. */
async function sendWindow(run: SyncRun, window: readonly Batch[], delivery: Delivery): Promise<SentBatch[]> {
  const sent = (await Promise.all(lanesOf(window).map((lane) => sendLane(run, lane)))).flat()
  const failure = sent.find((batch) => batch.failure !== undefined)?.failure
  if (failure === undefined) return sent
  if (run.signal.aborted) stop(delivery, interrupted())
  else if (failure instanceof BackfeedError && failure.code !== 'E-INTERNAL') delivery.failure = failure
  else throw failure
  return sent
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
