/** Adds up outcomes while they come in and says when to stop. Pure, apart from being a running sum. */
import type { Outcome, RowOutcome, StopCause } from '../destination/destination.ts'
import { type BackfeedError, ExitCode, type Position, unreachable } from '../errors.ts'
import type { Limit } from '../project/project.ts'
import type { SentBatch } from './send-batch.ts'

export interface DeliveryTotals {
  succeeded: number
  rejected: number
  retryable: number
  unknown: number
  created: number
  updated: number
  writeCalls: number
  rejectedByCode: Record<string, number>
}

export interface Delivery {
  totals: DeliveryTotals
  stopped?: StopReason
  /** What ended the delivery from outside: nothing was sent by the call that threw. */
  failure?: BackfeedError
  /** A job that goes on without this run: its results are recorded by the next one. */
  running?: { jobId: string; rows: number }
}

export interface StopReason {
  code: `E-${string}`
  message: string
  exitCode: ExitCode
  at?: Position
}

export function emptyTotals(): DeliveryTotals {
  return {
    succeeded: 0,
    rejected: 0,
    retryable: 0,
    unknown: 0,
    created: 0,
    updated: 0,
    writeCalls: 0,
    rejectedByCode: {},
  }
}

export function addBatch(totals: DeliveryTotals, batch: SentBatch): void {
  totals.writeCalls += batch.attempts.length
  for (const outcome of batch.final.values()) addOutcome(totals, outcome)
}

/** One outcome takes the place of another that had been counted. */
export function replaceOutcome(totals: DeliveryTotals, outcome: RowOutcome, before: Outcome['status']): void {
  totals[before] -= 1
  addOutcome(totals, outcome)
}

export function addOutcome(totals: DeliveryTotals, outcome: RowOutcome): void {
  totals[outcome.status] += 1
  switch (outcome.status) {
    case 'succeeded':
      totals[outcome.created ? 'created' : 'updated'] += 1
      return
    case 'rejected':
      totals.rejectedByCode[outcome.code] = (totals.rejectedByCode[outcome.code] ?? 0) + 1
      return
    case 'retryable':
    case 'unknown':
      return
    default:
      unreachable(outcome)
  }
}

export function interrupted(): StopReason {
  return {
    code: 'E-RUN-INTERRUPTED',
    message: 'interrupted; what was sent is recorded, the rest stays planned',
    exitCode: ExitCode.interrupted,
  }
}

/** What the CRM said about one row or call that holds for all that would follow. */
function endedByCrm(window: readonly SentBatch[]): StopReason | undefined {
  const batches = window.map((batch) => [...batch.final.values()])
  const last =
    batches.flat().find((outcome) => ['access', 'later'].includes(stopsOf(outcome) ?? '')) ??
    batches.find((batch) => batch.length > 0 && batch.every((outcome) => stopsOf(outcome) === 'mapping'))?.[0]
  if (last === undefined || last.status === 'succeeded') return undefined
  const cause = stopsOf(last)
  const because = last.reason ? `${last.code}: ${last.reason}` : last.code
  switch (cause) {
    case undefined:
      return undefined
    case 'mapping':
      return {
        code: 'E-CRM-MAPPING',
        message: `the CRM refuses what every row would bring (${because}); the rest stays planned`,
        exitCode: ExitCode.rowFailures,
      }
    case 'access':
      return {
        code: 'E-CRM-CLOSED',
        message: `the CRM is closed to this login (${because}); the rest stays planned`,
        // Other than at the start, something may have been sent: the audit says which rows.
        exitCode: ExitCode.rowFailures,
      }
    case 'later': {
      const quota = last.code === 'E-CRM-QUOTA'
      const message = quota
        ? `the API quota is used up (${last.reason ?? 'the CRM says so'})`
        : `the CRM takes no more for now (${because})`
      return {
        code: quota ? 'E-CRM-QUOTA' : 'E-CRM-LATER',
        message: `${message}; the rest stays planned`,
        exitCode: ExitCode.temporary,
      }
    }
    default:
      return unreachable(cause)
  }
}

export function stopsOf(outcome: RowOutcome): StopCause | undefined {
  if (outcome.status !== 'rejected' && outcome.status !== 'retryable') return undefined
  return outcome.stops ?? (outcome.code === 'E-CRM-QUOTA' ? 'later' : undefined)
}

const enoughResults = 50
const badWindows = 2

export interface StopRequest {
  totals: DeliveryTotals
  window: readonly SentBatch[]
  /** Windows before this one, in a row, in which nothing succeeded or was rejected. */
  badWindowsBefore: number
  maxRejected: Limit
}

/** Breakers, looked at after every window. */
export function stopReason({ totals, window, badWindowsBefore, maxRejected }: StopRequest): StopReason | undefined {
  const outcomes = window.flatMap((batch) => [...batch.final.values()])
  const ended = endedByCrm(window)
  if (ended) return ended
  const results = totals.succeeded + totals.rejected
  const limit = 'count' in maxRejected ? maxRejected.count : (maxRejected.percent / 100) * results
  if (results >= enoughResults && totals.rejected > limit) {
    return {
      code: 'E-RUN-REJECTED',
      message: `${totals.rejected} of ${results} rows were rejected; the rest stays planned`,
      exitCode: ExitCode.rowFailures,
    }
  }
  if (window.length === 0 || !isBadWindow(window) || badWindowsBefore + 1 < badWindows) return undefined
  if (outcomes.some((outcome) => outcome.status === 'unknown')) {
    return {
      code: 'E-RUN-UNKNOWN',
      message: 'the CRM stopped answering; what may have been written is recorded as unknown',
      exitCode: ExitCode.unknownOutcomes,
    }
  }
  return {
    code: 'E-CRM-UNREACHABLE',
    message: 'the CRM cannot be reached; the rest stays planned',
    exitCode: ExitCode.temporary,
  }
}

export function isBadWindow(window: readonly SentBatch[]): boolean {
  return window.every((batch) =>
    [...batch.final.values()].every(({ status }) => status === 'retryable' || status === 'unknown'),
  )
}
