/** Sends one batch and repeats what is proven not applied, a few times. Every attempt is recorded; nothing unknown is sent again. */
import { sha256 } from '../audit/run-log.ts'
import type { Outcome } from '../destination/destination.ts'
import { invariant } from '../errors.ts'
import { type Batch, type PlannedChange, wireOf, writeRequestOf } from './read-batches.ts'
import type { SyncRun } from './sync-run.ts'

export interface Attempt {
  attempt: number
  sendSeq: number
  sentAt: string
  leaseDeadline: string
  httpStatus?: number
  requestId?: string
  remaining?: number
  durationMs: number
  method: string
  path: string
  bodySha256: string
  results: { change: PlannedChange; outcome: Outcome }[]
}

export interface SentBatch {
  batchNo: number
  attempts: Attempt[]
  /** The last outcome of every change; a change without one was never sent. */
  final: Map<string, Outcome>
  /** What ended the batch early: nothing was sent by the call that threw. Earlier attempts stand. */
  failure?: unknown
}

const maxAttempts = 3
const maxWaitMs = 30_000

export async function sendBatch(run: SyncRun, batch: Batch): Promise<SentBatch> {
  const sent: SentBatch = { batchNo: batch.batchNo, attempts: [], final: new Map() }
  try {
    await sendUntilSettled(run, batch, sent)
  } catch (error) {
    sent.failure = error
  }
  return sent
}

async function sendUntilSettled(run: SyncRun, batch: Batch, sent: SentBatch): Promise<void> {
  let remaining = batch.changes
  for (let attempt = 1; remaining.length > 0 && attempt <= maxAttempts; attempt += 1) {
    await run.lease.confirm()
    run.ports.crashPoints.at('CP09')
    const made = await sendOnce(run, { batchNo: batch.batchNo, changes: remaining }, attempt)
    made.results = made.results.map(({ change, outcome }) => {
      return { change, outcome: settled(outcome, sent.final.get(change.changeId)) }
    })
    sent.attempts.push(made)
    for (const { change, outcome } of made.results) sent.final.set(change.changeId, outcome)
    remaining = made.results.filter(({ outcome }) => repeatable(outcome)).map(({ change }) => change)
    if (remaining.length > 0 && attempt < maxAttempts)
      await run.ports.clock.sleep(waitMs(run, made, attempt), run.signal)
  }
}

/** A used-up quota is not waited for in the run: it comes back in hours. */
function repeatable(outcome: Outcome): boolean {
  if (outcome.status !== 'retryable' || outcome.stops !== undefined || outcome.code === 'E-CRM-QUOTA') return false
  return (outcome.retryAfterMs ?? 0) <= maxWaitMs
}

/** What was worth one repeat and came back the same is the row's fault after all. */
export function settled(outcome: Outcome, before: Outcome | undefined): Outcome {
  if (outcome.status !== 'retryable' || !outcome.onceMore) return outcome
  if (before?.status !== 'retryable' || before.code !== outcome.code) return outcome
  const { changeId, code, reason = '' } = outcome
  return { changeId, status: 'rejected', code, reason }
}

function waitMs(run: SyncRun, made: Attempt, attempt: number): number {
  const asked = made.results.map(({ outcome }) => (outcome.status === 'retryable' ? (outcome.retryAfterMs ?? 0) : 0))
  const backoff = 500 * 2 ** attempt * run.ports.random.unit()
  return Math.min(maxWaitMs, Math.max(...asked, backoff))
}

async function sendOnce(run: SyncRun, batch: Batch, attempt: number): Promise<Attempt> {
  const wire = wireOf(run, batch)
  const sendSeq = run.log.nextSeq()
  const sentAt = new Date(run.ports.clock.nowMs()).toISOString()
  const leaseDeadline = new Date(run.lease.deadlineMs()).toISOString()
  // A request that is on its way is not cut off by a signal: its answer is worth more than the seconds.
  const answering = run.destination.write(writeRequestOf(run, batch), new AbortController().signal)
  run.ports.crashPoints.at('CP10')
  const { outcomes, call } = await answering
  run.ports.crashPoints.at('CP11')
  return {
    attempt,
    sendSeq,
    sentAt,
    leaseDeadline,
    ...call,
    method: wire.method,
    path: wire.path,
    bodySha256: sha256(wire.body),
    results: attribute(batch.changes, outcomes),
  }
}

function attribute(changes: readonly PlannedChange[], outcomes: readonly Outcome[]): Attempt['results'] {
  invariant(changes.length === outcomes.length, 'every change has exactly one outcome')
  const byId = new Map(outcomes.map((outcome) => [outcome.changeId, outcome]))
  return changes.map((change) => {
    const outcome = byId.get(change.changeId)
    invariant(outcome, 'an outcome names its change')
    return { change, outcome }
  })
}
