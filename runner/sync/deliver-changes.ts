/**
 * Sends a plan, window by window. Order is law: the intent of a window is durable, then the lease is looked at, then the
 * requests go out, then their results become durable together with the next intent (protocol A5).
 */
import { BackfeedError, ExitCode } from '../errors.ts'
import type { AtomicStep, TextRow } from '../warehouse/warehouse.ts'
import { nowText, type Plan } from './build-plan.ts'
import {
  addBatch,
  type DeliveryTotals,
  emptyTotals,
  isBadWindow,
  type StopReason,
  stopReason,
} from './delivery-totals.ts'
import { type Batch, batchesOf } from './read-batches.ts'
import { type Attempt, type SentBatch, sendBatch } from './send-batch.ts'
import type { SyncRun } from './sync-run.ts'

export interface Delivery {
  totals: DeliveryTotals
  stopped?: StopReason
  /** What ended the delivery from outside: nothing was sent by the call that threw. */
  failure?: BackfeedError
}

export async function deliverChanges(run: SyncRun, plan: Plan): Promise<Delivery> {
  const delivery: Delivery = { totals: emptyTotals() }
  let sent: SentBatch[] = []
  const release = pacedRelease(run)
  let badWindows = 0
  let windowNo = 0
  for await (const window of windowsOf(run, plan.counts.send)) {
    if (run.signal.aborted) {
      stop(delivery, interrupted())
      break
    }
    windowNo += 1
    // A flush that fails is not repeated: its results may be durable, and recovery reads what they are about.
    await flush(run, sent, intentOf(run, window, windowNo))
    await release()
    run.ports.crashPoints.at('CP08')
    sent = await sendWindow(run, window, delivery)
    for (const batch of sent) addBatch(delivery.totals, batch)
    run.progress('sent', window.at(-1)?.changes.at(-1)?.rowNo ?? 0, plan.counts.send)
    stop(
      delivery,
      stopReason({
        totals: delivery.totals,
        window: sent,
        badWindowsBefore: badWindows,
        maxRejected: run.sync.guards.maxRejected,
      }),
    )
    if (delivery.stopped || delivery.failure) break
    badWindows = isBadWindow(sent) ? badWindows + 1 : 0
  }
  await flush(run, sent)
  return delivery
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

function interrupted(): StopReason {
  return {
    code: 'E-RUN-INTERRUPTED',
    message: 'interrupted; what was sent is recorded, the rest stays planned',
    exitCode: ExitCode.interrupted,
  }
}

/** A window is as many batches as may be in flight at once. */
async function* windowsOf(run: SyncRun, total: number): AsyncGenerator<Batch[]> {
  let window: Batch[] = []
  for await (const batch of batchesOf(run, total)) {
    window.push(batch)
    if (window.length < run.sync.limits.concurrency) continue
    yield window
    window = []
  }
  if (window.length > 0) yield window
}

/** What was answered is returned even when another batch of the window could not be sent; that failure ends the delivery. */
async function sendWindow(run: SyncRun, window: readonly Batch[], delivery: Delivery): Promise<SentBatch[]> {
  const sent = await Promise.all(window.map((batch) => sendBatch(run, batch)))
  const failure = sent.find((batch) => batch.failure !== undefined)?.failure
  if (failure === undefined) return sent
  if (run.signal.aborted) stop(delivery, interrupted())
  else if (failure instanceof BackfeedError && failure.code !== 'E-INTERNAL') delivery.failure = failure
  else throw failure
  return sent
}

function intentOf(run: SyncRun, window: readonly Batch[], windowNo: number): AtomicStep {
  const seq = run.log.nextSeq()
  const cells: Record<string, string> = {
    event_id: run.log.eventId(seq),
    run_id: run.context.run.id,
    epoch: String(run.lease.epoch),
    seq: String(seq),
    plan_id: run.context.run.plan_id,
    window_no: String(windowNo),
    batch_from: String(window[0]?.batchNo ?? 0),
    batch_to: String(window.at(-1)?.batchNo ?? 0),
    transport: 'rest',
    logged_at: nowText(run),
  }
  return run.log.rows('sync_intent', Object.keys(cells), [Object.values(cells)])
}

/** One write: the results of the last window, the intent of the next and the lease's renewal. */
async function flush(run: SyncRun, sent: readonly SentBatch[], intent?: AtomicStep): Promise<void> {
  const startedMs = run.ports.clock.nowMs()
  const steps = [...resultSteps(run, sent), ...(intent ? [intent, run.lease.renewStatement()] : [])]
  if (steps.length === 0) return
  await run.warehouse.atomic(steps, { ...run.options('results'), signal: new AbortController().signal })
  if (intent) run.lease.renewed(startedMs)
}

const resultColumns = [
  'event_id', 'run_id', 'epoch', 'seq', 'resolves_epoch', 'plan_id', 'row_no', 'row_key', 'attempt', 'outcome', 'crm_id', 'created',
  'code', 'message', 'field', 'http_status', 'request_id', 'batch_no', 'payload_hash', 'send_seq', 'sent_at', 'lease_deadline', 'logged_at',
] // biome-ignore format: one line per group reads better than one per column
const callColumns = [
  'event_id', 'run_id', 'epoch', 'plan_id', 'sync_name', 'batch_no', 'attempt', 'method', 'path', 'rows', 'body_sha256', 'http_status',
  'request_id', 'remaining', 'duration_ms', 'sent_at',
] // biome-ignore format: as above

function resultSteps(run: SyncRun, sent: readonly SentBatch[]): AtomicStep[] {
  const attempts = sent.flatMap((batch) => batch.attempts.map((attempt) => ({ batchNo: batch.batchNo, attempt })))
  if (attempts.length === 0) return []
  return [
    run.log.rows(
      'sync_result',
      resultColumns,
      attempts.flatMap(({ batchNo, attempt }) => resultRows(run, batchNo, attempt)),
    ),
    run.log.rows(
      'sync_call',
      callColumns,
      attempts.map(({ batchNo, attempt }) => callRow(run, batchNo, attempt)),
    ),
  ]
}

function resultRows(run: SyncRun, batchNo: number, attempt: Attempt): TextRow[] {
  const epoch = String(run.lease.epoch)
  const loggedAt = nowText(run)
  return attempt.results.map(({ change, outcome }) => {
    const seq = run.log.nextSeq()
    const done = outcome.status === 'succeeded' ? outcome : undefined
    const failed = outcome.status === 'succeeded' ? undefined : outcome
    const field = outcome.status === 'rejected' ? (outcome.field ?? null) : null
    return [
      run.log.eventId(seq), run.context.run.id, epoch, String(seq), epoch, run.context.run.plan_id, String(change.rowNo), change.rowKey,
      String(attempt.attempt), outcome.status, done?.recordId ?? change.crmId, done ? String(done.created) : null,
      failed?.code ?? null, failed?.reason ?? null, field, numberCell(attempt.httpStatus), attempt.requestId ?? null, String(batchNo),
      change.payloadHash, String(attempt.sendSeq), attempt.sentAt, attempt.leaseDeadline, loggedAt,
    ] // biome-ignore format: in the order of resultColumns
  })
}

function callRow(run: SyncRun, batchNo: number, attempt: Attempt): TextRow {
  return [
    run.log.eventId(attempt.sendSeq), run.context.run.id, String(run.lease.epoch), run.context.run.plan_id, run.sync.name, String(batchNo),
    String(attempt.attempt), attempt.method, attempt.path, String(attempt.results.length), attempt.bodySha256, numberCell(attempt.httpStatus),
    attempt.requestId ?? null, numberCell(attempt.remaining), String(Math.round(attempt.durationMs)), attempt.sentAt,
  ] // biome-ignore format: in the order of callColumns
}

function numberCell(value: number | undefined): string | null {
  return value === undefined ? null : String(Math.round(value))
}
