import type { Clock, Random } from '../../ports.ts'
import { CallFailure } from '../call-failure.ts'
import type { RawAnswer } from '../raw-answer.ts'

const ATTEMPTS = 3
const BASE_MS = 500
/** Longer waits belong to the orchestrator: the read fails and says so. */
const MAX_WAIT_MS = 15_000

export interface RetryPorts {
  clock: Clock
  random: Random
  signal: AbortSignal
  /** Wait the CRM asked for with this answer, undefined when it did not. */
  askedWaitMs: (answer: RawAnswer) => number | undefined
  /** Answers beyond the usual statuses that may be another the next time; the pace has been told to wait. */
  mayPass?: (answer: RawAnswer) => boolean
}

/** Repeats a read that may pass the next time. Never used for writes: repeating those needs proof, not patience. */
export async function retryRead(ports: RetryPorts, send: () => Promise<RawAnswer>): Promise<RawAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await send().catch((error: unknown) => passingFailure(error, attempt))
    const waitMs = result === undefined ? undefined : ports.askedWaitMs(result)
    const passing = result === undefined || isPassing(result.status) || ports.mayPass?.(result) === true
    if (result !== undefined && (!passing || attempt === ATTEMPTS || (waitMs ?? 0) > MAX_WAIT_MS)) return result
    await ports.clock.sleep(waitMs ?? backoffMs(attempt, ports.random), ports.signal)
  }
}

function isPassing(status: number): boolean {
  return status === 429 || status === 423 || status >= 500
}

/** Repeating these would only make people wait: the run was stopped, or the CRM took the whole deadline already. */
const FINAL_CODES = new Set(['ABORTED', 'TIMEOUT'])

/** A cut connection may pass the next time; one that never came about is reported at once, so that `debug` answers fast. */
function passingFailure(error: unknown, attempt: number): undefined {
  const mayPass = error instanceof CallFailure && error.certainty === 'unknown' && !FINAL_CODES.has(error.code)
  if (!mayPass || attempt === ATTEMPTS) throw error
  return undefined
}

function backoffMs(attempt: number, random: Random): number {
  return BASE_MS * 2 ** (attempt - 1) * (0.5 + random.unit())
}
