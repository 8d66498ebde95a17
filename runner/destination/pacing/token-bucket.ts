import type { Clock } from '../../ports.ts'

export interface BucketLimits {
  /** Requests in flight at once. */
  concurrency: number
  /** Absent: no limit of our own. Requests are spaced evenly, so no window of a second ever holds more. */
  requestsPerSecond?: number
}

/** Lets requests go one by one, at most so many at once and per second. */
export interface TokenBucket {
  run<T>(signal: AbortSignal, job: () => Promise<T>): Promise<T>
  /** Nothing starts within the next `ms`: the CRM said that its window is used up. */
  pause(ms: number): void
  /** As pause, and from then on half as many at once: the CRM said that there were too many. */
  slowDown(ms: number): void
}

export function tokenBucket(clock: Clock, limits: BucketLimits): TokenBucket {
  const spacingMs = limits.requestsPerSecond === undefined ? 0 : 1000 / limits.requestsPerSecond
  const waiting: (() => void)[] = []
  let running = 0
  let atOnce = limits.concurrency
  let nextStartMs = 0

  async function enter(): Promise<void> {
    if (running < atOnce) {
      running += 1
      return
    }
    // The slot is handed over, not freed: a newcomer cannot overtake whoever waits.
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function leave(): void {
    const next = running > atOnce ? undefined : waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }

  async function waitForTurn(signal: AbortSignal): Promise<void> {
    const now = clock.monotonicMs()
    const startMs = Math.max(now, nextStartMs)
    nextStartMs = startMs + spacingMs
    if (startMs > now) await clock.sleep(startMs - now, signal)
  }

  function pause(ms: number): void {
    nextStartMs = Math.max(nextStartMs, clock.monotonicMs() + ms)
  }

  return {
    async run(signal, job) {
      await enter()
      try {
        signal.throwIfAborted()
        await waitForTurn(signal)
        return await job()
      } finally {
        leave()
      }
    },
    pause,
    slowDown(ms) {
      pause(ms)
      atOnce = Math.max(1, Math.floor(atOnce / 2))
    },
  }
}
