import type { Clock } from '../../ports.ts'

export interface WindowLimits {
  /** Requests within `intervalMs`. */
  max: number
  intervalMs: number
}

/** What an answer says about the window it was counted in. */
export interface ToldLimits {
  max?: number
  intervalMs?: number
  /** Requests left, as of this answer. */
  remaining?: number
}

/** Holds requests back so that no window of the CRM, fixed or rolling, ever counts more than it allows. */
export interface RateWindow {
  run<T>(signal: AbortSignal, job: () => Promise<T>): Promise<T>
  /** Called with every answer, after its `run`. */
  learn(told: ToldLimits): void
  /** Nothing starts within the next `ms`. */
  pause(ms: number): void
}

/**
 * A request is counted when it arrives, which is between its start and its answer. Waiting for a slow answer would
 * waste the window, so it is taken to have arrived within this time.
 */
const LONGEST_WAY_MS = 250
/** A window that would hold the run up for longer belongs to the orchestrator; it is tried again after this time. */
const LONGEST_WAIT_MS = 60_000
/** Everything counted is still on its way: room comes with an answer. */
const LOOK_AGAIN_MS = 5

export function rateWindow(clock: Clock, initial: WindowLimits): RateWindow {
  const counted = new CountedRequests()
  let limits = initial
  let running = 0
  let pausedUntilMs = 0
  let queue: Promise<void> = Promise.resolve()

  /** 0: now. */
  function waitMs(now: number): number {
    const full = running + counted.at(now) >= limits.max
    const roomMs = full ? (counted.nextLeavesMs() ?? now + LOOK_AGAIN_MS) : now
    return Math.max(roomMs, pausedUntilMs) - now
  }

  async function enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    for (let ms = waitMs(clock.monotonicMs()); ms > 0; ms = waitMs(clock.monotonicMs())) await clock.sleep(ms, signal)
    running += 1
  }

  return {
    async run(signal, job) {
      // One after the other, so that whoever waits longest goes first.
      const turn = queue.then(() => enter(signal))
      queue = turn.catch(() => {})
      await turn
      const sentMs = clock.monotonicMs()
      try {
        return await job()
      } finally {
        running -= 1
        counted.add(1, Math.min(clock.monotonicMs(), sentMs + LONGEST_WAY_MS) + limits.intervalMs)
      }
    },
    learn({ max, intervalMs, remaining }) {
      const interval = Math.min(positive(intervalMs) ?? limits.intervalMs, LONGEST_WAIT_MS)
      limits = { max: positive(max) ?? limits.max, intervalMs: interval }
      if (remaining === undefined) return
      const now = clock.monotonicMs()
      // Ours are at most those counted and those on their way; what is missing beyond that, others have used.
      const others = limits.max - counted.at(now) - running - remaining
      if (others > 0) counted.add(others, now + interval)
    },
    pause(ms) {
      pausedUntilMs = Math.max(pausedUntilMs, clock.monotonicMs() + Math.min(ms, LONGEST_WAIT_MS))
    },
  }
}

/** Requests and the time from which they count no more, in order. */
class CountedRequests {
  #entries: { count: number; leavesMs: number }[] = []
  #first = 0
  #total = 0

  add(count: number, leavesMs: number): void {
    const last = this.#entries.at(-1)?.leavesMs ?? 0
    this.#entries.push({ count, leavesMs: Math.max(last, leavesMs) })
    this.#total += count
  }

  at(nowMs: number): number {
    for (let next = this.#entries[this.#first]; next !== undefined; next = this.#entries[this.#first]) {
      if (next.leavesMs > nowMs) break
      this.#total -= next.count
      this.#first += 1
    }
    // Moved up once in a while: moving with every request would cost as much as all that wait.
    if (this.#first > 1_000) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
    return this.#total
  }

  nextLeavesMs(): number | undefined {
    return this.#entries[this.#first]?.leavesMs
  }
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined
}
