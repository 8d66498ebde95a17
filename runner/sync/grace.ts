import type { Clock } from '../ports.ts'

export const defaultGraceMs = 25_000

/**
 * A signal that follows `signal` after `graceMs`: until then what is under way may still be answered. Timers of it end with
 * `stop`.
 */
export function afterGrace(clock: Clock, signal: AbortSignal, graceMs: number): { signal: AbortSignal; stop(): void } {
  const late = new AbortController()
  const stopped = new AbortController()
  const begin = (): void => {
    clock.sleep(graceMs, stopped.signal).then(
      () => late.abort(signal.reason),
      () => undefined,
    )
  }
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { once: true })
  return {
    signal: late.signal,
    stop() {
      signal.removeEventListener('abort', begin)
      stopped.abort()
    },
  }
}
