/**
 * The clock that all runners of a warehouse share. Moments that another run will compare are written and asked on it (fault F66: a
 * machine whose clock is wrong must not let rows go before their time, nor hold them back on other machines). It is told without a
 * statement of its own: from what the warehouse said when it was last asked about the lease, and from how much time has passed
 * since on the runner's clocks.
 */
import { invariant, type Problem } from '../errors.ts'
import type { Clock } from '../ports.ts'

/** A moment on both clocks of the runner: the wall clock may be set, the monotonic one stops while the machine sleeps. */
export interface Moment {
  wallMs: number
  monotonicMs: number
}

export interface ClockReading {
  /** What the warehouse said, at some time between `asked` and `answered`. */
  warehouseMs: number
  asked: Moment
  answered: Moment
}

/** The true moment lies between the two; they differ by the way of the answer, or by what the clocks of the runner disagree about. */
export interface WarehouseClock {
  /** For asking whether a moment has come. */
  earliestMs(): number
  /** For writing when something happened. */
  latestMs(): number
  /** How far the runner's wall clock is ahead of it; negative: behind. What the way of the answer explains is 0. */
  aheadMs(): number
}

export function momentOf(clock: Pick<Clock, 'nowMs' | 'monotonicMs'>): Moment {
  return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() }
}

/** Pure. */
export function warehouseTime(reading: ClockReading, now: Moment): { earliestMs: number; latestMs: number } {
  const { warehouseMs, asked, answered } = reading
  const atLeastMs = Math.min(now.wallMs - answered.wallMs, now.monotonicMs - answered.monotonicMs)
  const atMostMs = Math.max(now.wallMs - asked.wallMs, now.monotonicMs - asked.monotonicMs)
  return { earliestMs: warehouseMs + Math.max(0, atLeastMs), latestMs: warehouseMs + Math.max(0, atMostMs) }
}

/** Pure. As WarehouseClock has it. */
export function aheadMs({ warehouseMs, asked, answered }: ClockReading): number {
  if (asked.wallMs > warehouseMs) return asked.wallMs - warehouseMs
  return Math.min(0, answered.wallMs - warehouseMs)
}

/** A login assertion is refused at about the same difference. */
export const largestSkewMs = 5 * 60_000

/** Pure. What may be sent does not hang on it, but people read logs beside those of other machines. */
export function skewWarning(ms: number): Problem | undefined {
  if (Math.abs(ms) <= largestSkewMs) return undefined
  const minutes = Math.round(Math.abs(ms) / 60_000)
  return {
    code: 'W-RUN-CLOCK',
    message: `the clock of this machine is ${minutes} minutes ${ms > 0 ? 'ahead of' : 'behind'} the warehouse's`,
    help: 'set one of them right (NTP); rows are safe, because the warehouse decides when they may go',
  }
}

/** `reading` is the last one at every call. */
export function warehouseClock(
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
  reading: () => ClockReading,
): WarehouseClock {
  return {
    earliestMs: () => warehouseTime(reading(), momentOf(clock)).earliestMs,
    latestMs: () => warehouseTime(reading(), momentOf(clock)).latestMs,
    aheadMs: () => aheadMs(reading()),
  }
}

/** For what has no lease of its own yet: the clock of this machine, set right by what the warehouse said. */
export function setClock<T extends Clock>(clock: T, warehouseMs: number): T {
  const behindMs = warehouseMs - clock.nowMs()
  return { ...clock, nowMs: () => clock.nowMs() + behindMs }
}

/** UTC, from a timestamp cell, however the warehouse writes it. */
export function cellMs(cell: string | null | undefined): number {
  const ms = Date.parse(`${cell?.replace(' ', 'T').replace(/(Z|[+]00(:?00)?)?$/, '')}Z`)
  invariant(!Number.isNaN(ms), 'a timestamp of the warehouse is a moment')
  return ms
}

/** ISO, UTC, for what is written. */
export function nowText({ lease }: { lease: { clock: WarehouseClock } }): string {
  return new Date(lease.clock.latestMs()).toISOString()
}
