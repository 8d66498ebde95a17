/**
 * Keeps a run from hammering a CRM that is down: after five calls in a row without a usable answer it waits a minute, then
 * tries one batch; opened for the third time it gives up (protocol A14). Pure.
 */
import type { Outcome } from '../destination/destination.ts'
import { ExitCode } from '../errors.ts'
import type { StopReason } from './delivery-totals.ts'
import type { SentBatch } from './send-batch.ts'

export interface Circuit {
  /** Batches in a row of which no row was written or refused. */
  failures: number
  /** How often it opened in this run. */
  opens: number
  /** Open: nothing is sent for a while; half: one batch decides. */
  phase: 'closed' | 'half'
}

export const closedCircuit: Circuit = { failures: 0, opens: 0, phase: 'closed' }

const failuresToOpen = 5
const opensToStop = 3
export const openForMs = 60_000

/** The circuit after a window; `opened`: it is to be waited, or given up. */
export function afterWindow(circuit: Circuit, window: readonly SentBatch[]): { circuit: Circuit; opened: boolean } {
  let { failures, phase } = circuit
  for (const batch of window) {
    if (batch.final.size === 0) continue
    failures = hasFailed(batch) ? failures + 1 : 0
    if (failures === 0) phase = 'closed'
  }
  const opened = failures > 0 && (phase === 'half' || failures >= failuresToOpen)
  if (!opened) return { circuit: { ...circuit, failures, phase }, opened }
  return { circuit: { failures, opens: circuit.opens + 1, phase: 'half' }, opened }
}

export function isGivenUp({ opens }: Circuit): boolean {
  return opens >= opensToStop
}

function hasFailed(batch: SentBatch): boolean {
  return [...batch.final.values()].every(({ status }) => status === 'retryable' || status === 'unknown')
}

/** What to say of a CRM that does not come back. */
export function outage(window: readonly SentBatch[], { failures }: Pick<Circuit, 'failures'>): StopReason {
  const outcomes = window.flatMap((batch) => [...batch.final.values()])
  const last = outcomes.at(-1)
  const status = window.at(-1)?.attempts.at(-1)?.httpStatus
  const said = [status === undefined ? undefined : `status ${status}`, codeOf(last)].filter(
    (part) => part !== undefined,
  )
  const unknown = outcomes.some((outcome) => outcome.status === 'unknown')
  const kept = unknown
    ? 'what may have been written is recorded as unknown, the rest stays planned'
    : 'the rest stays planned'
  return {
    code: status === undefined ? 'E-CRM-UNREACHABLE' : 'E-CRM-UNAVAILABLE',
    message: `${failures} calls in a row brought no usable answer (${said.join(', ')}); ${kept}`,
    exitCode: ExitCode.temporary,
  }
}

function codeOf(outcome: Outcome | undefined): string | undefined {
  if (outcome === undefined || outcome.status === 'succeeded') return undefined
  return outcome.reason ? `${outcome.code}: ${outcome.reason}` : outcome.code
}
