/** The breakers of one delivery: looked at after every window, they say whether to go on, to wait, or to stop. */

import type { RowOutcome } from '../destination/destination.ts'
import { ExitCode } from '../errors.ts'
import { afterWindow, type Circuit, closedCircuit, isGivenUp, openForMs, outage } from './circuit.ts'
import { type DeliveryTotals, isBadWindow, type StopReason, stopReason } from './delivery-totals.ts'
import { type ErrorStreak, nextStreak, streakStop } from './error-streak.ts'
import type { SentBatch } from './send-batch.ts'
import type { SyncRun } from './sync-run.ts'

export interface Breakers {
  /** Batches that may be in flight together now. */
  windowSize(): number
  /** After every window; `waitMs`: the CRM is down, and is left alone for this long. */
  after(window: readonly SentBatch[], totals: DeliveryTotals): { stop?: StopReason; waitMs?: number }
  /** One result of a job, in the order of the results. */
  note(outcome: RowOutcome): void
  /** After a job; `window` stands for what holds for all of its rows. */
  afterJob(window: readonly SentBatch[], totals: DeliveryTotals): StopReason | undefined
}

const unknownWindows = 2

/** `send`: rows of the plan; what has no rows after it is not stopped. */
export function breakersOf(run: Pick<SyncRun, 'sync'>, send: number): Breakers {
  const { guards, limits } = run.sync
  let circuit: Circuit = closedCircuit
  let streak: ErrorStreak | undefined
  let badWindows = 0
  let unknowns = 0

  const rest = ({ succeeded, rejected, retryable, unknown }: DeliveryTotals): number =>
    send - succeeded - rejected - retryable - unknown

  const rowBreakers = (window: readonly SentBatch[], totals: DeliveryTotals): StopReason | undefined => {
    const told = stopReason({ totals, window, badWindowsBefore: badWindows, maxRejected: guards.maxRejected })
    const equal = rest(totals) > 0 ? streakStop(streak, guards.maxEqualErrors) : undefined
    return told?.code === 'E-RUN-REJECTED' ? (equal ?? told) : (told ?? equal)
  }

  return {
    windowSize: () => (circuit.phase === 'half' ? 1 : limits.concurrency),
    note(outcome) {
      streak = nextStreak(streak, outcome)
    },
    after(window, totals) {
      for (const { final } of window) for (const outcome of final.values()) streak = nextStreak(streak, outcome)
      const more = rest(totals) > 0
      const stop = more ? withoutOutage(rowBreakers(window, totals)) : rowBreakers(window, totals)
      badWindows = isBadWindow(window) ? badWindows + 1 : 0
      unknowns = isPartlyUnknown(window) ? unknowns + 1 : 0
      if (stop) return { stop }
      if (more && unknowns > unknownWindows) return { stop: losingAnswers(unknowns) }
      const next = afterWindow(circuit, window)
      circuit = next.circuit
      if (!next.opened || !more) return {}
      return isGivenUp(circuit) ? { stop: outage(window, circuit) } : { waitMs: openForMs }
    },
    afterJob: rowBreakers,
  }
}

/** While there is more to send, the circuit decides about a CRM that is down; at the end there is nothing to wait for. */
function withoutOutage(stop: StopReason | undefined): StopReason | undefined {
  return stop?.code === 'E-RUN-UNKNOWN' || stop?.code === 'E-CRM-UNREACHABLE' ? undefined : stop
}

/** Some rows came back and others did not: the CRM is there, and loses answers. */
function isPartlyUnknown(window: readonly SentBatch[]): boolean {
  const outcomes = window.flatMap((batch) => [...batch.final.values()])
  return outcomes.some(({ status }) => status === 'unknown') && !isBadWindow(window)
}

function losingAnswers(windows: number): StopReason {
  return {
    code: 'E-RUN-UNKNOWN',
    message: `${windows} windows in a row lost answers; what may have been written is recorded as unknown, the rest stays planned`,
    exitCode: ExitCode.unknownOutcomes,
  }
}
