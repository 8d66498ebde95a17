import type { StatementOptions } from './warehouse.ts'
import { WarehouseError } from './warehouse-error.ts'

/** How long a cancelled statement may take to say so before it is given up: drivers have modes in which they never answer. */
const graceMs = 5_000

/**
 * Runs one call under the caller's signal and its own deadline. When either fires, the driver is asked to cancel and
 * its answer decides: a result counts although it is late, a cancellation is proof that nothing was applied. Without an
 * answer within the grace time the failure is `unknown`.
 */
export async function raceDeadline<T>(
  o: Pick<StatementOptions, 'signal' | 'timeoutMs'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (o.signal.aborted) throw cancelled(o.signal.reason)
  const controller = new AbortController()
  const stop = (): void => controller.abort(o.signal.reason)
  o.signal.addEventListener('abort', stop, { once: true })
  let late = false
  const deadline = setTimeout(() => {
    late = true
    controller.abort()
  }, o.timeoutMs)
  const silence = afterGrace(controller.signal)
  try {
    return await Promise.race([work(controller.signal), silence.promise])
  } catch (error) {
    throw late && isCancellation(error) ? timedOut(o.timeoutMs, error) : error
  } finally {
    o.signal.removeEventListener('abort', stop)
    clearTimeout(deadline)
    silence.clear()
  }
}

function afterGrace(signal: AbortSignal): { promise: Promise<never>; clear: () => void } {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      timer = setTimeout(() => reject(noAnswer()), graceMs)
    })
  })
  return { promise, clear: () => clearTimeout(timer) }
}

function isCancellation(error: unknown): boolean {
  return error instanceof WarehouseError && error.code === 'E-WH-CANCELLED'
}

export function cancelled(cause: unknown): WarehouseError {
  return new WarehouseError('transient', { code: 'E-WH-CANCELLED', message: 'the statement was cancelled' }, { cause })
}

function timedOut(timeoutMs: number, cause: unknown): WarehouseError {
  const message = `the statement did not finish within ${timeoutMs} ms and was cancelled`
  return new WarehouseError('transient', { code: 'E-WH-TIMEOUT', message }, { cause })
}

function noAnswer(): WarehouseError {
  const message = `the warehouse did not confirm a cancellation within ${graceMs} ms; the statement may have been applied`
  return new WarehouseError('unknown', { code: 'E-WH-NO-ANSWER', message })
}
