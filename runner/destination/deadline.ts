import type { Clock } from '../ports.ts'
import { CallFailure } from './call-failure.ts'

export interface Deadline {
  clock: Clock
  ms: number
  /** Of the run: cuts the call at once; the outcome of a write is then unknown. */
  signal: AbortSignal
}

/**
 * Runs `job` under one deadline for the whole call, body included. The job gets a signal that fires on expiry; a job that
 * cannot be cancelled is abandoned, its late result ignored.
 */
export async function withDeadline<T>(deadline: Deadline, job: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, ms, signal } = deadline
  const expiry = new AbortController()
  const timer = new AbortController()
  try {
    return await Promise.race([
      job(expiry.signal),
      clock.sleep(ms, timer.signal).then(() => fail(expiry, 'TIMEOUT')),
      whenAborted(signal, timer.signal).then(() => fail(expiry, 'ABORTED')),
    ])
  } catch (error) {
    if (signal.aborted) throw new CallFailure('ABORTED', 'unknown', error)
    throw error
  } finally {
    timer.abort()
  }
}

function fail(expiry: AbortController, code: string): never {
  const failure = new CallFailure(code, 'unknown')
  expiry.abort(failure)
  throw failure
}

/** Settles when `signal` aborts; never settles when `done` comes first, and leaves no listener behind. */
function whenAborted(signal: AbortSignal, done: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const stop = (): void => resolve()
    signal.addEventListener('abort', stop, { once: true })
    done.addEventListener('abort', () => signal.removeEventListener('abort', stop), { once: true })
  })
}
