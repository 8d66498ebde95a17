/** How far a phase is from the next one, from the runs it has seen. Pure. */
import type { Rollout } from '../../project/sync-rollout.ts'

/** One run in the phase, as the log knows it. */
export interface PhaseRun {
  purpose: string
  /** How it ended; null: it has not said so. */
  event: string | null
  /** Rows it was to send, and those the CRM took. */
  send: number
  succeeded: number
}

export interface PhaseProgress {
  /** The latest runs in a row that ended well. */
  goodRuns: number
  /** Runs that must. */
  neededRuns: number
  /** Whether any run of the phase changed a record; a phase that reached nobody proves nothing. */
  hasSent: boolean
}

/** `runs` newest first. Undefined where only a person advances the rollout. */
export function phaseProgress(
  runs: readonly PhaseRun[],
  { advanceAfter }: Pick<Rollout, 'advanceAfter'>,
): PhaseProgress | undefined {
  if (advanceAfter === undefined) return undefined
  const counted = runs.filter(({ purpose }) => purpose !== 'adopt' && purpose !== 'drift')
  const firstBad = counted.findIndex((run) => !endedWell(run, advanceAfter.maxErrorPercent))
  return {
    goodRuns: firstBad < 0 ? counted.length : firstBad,
    neededRuns: advanceAfter.runs,
    hasSent: runs.some(({ succeeded }) => succeeded > 0),
  }
}

/** A crash, a refusal, an interruption and a revert prove nothing good, whatever they sent. */
function endedWell({ purpose, event, send, succeeded }: PhaseRun, maxErrorPercent: number): boolean {
  if (purpose !== 'sync' && purpose !== 'apply') return false
  if (event !== 'succeeded' && event !== 'partial') return false
  return (send - succeeded) * 100 <= maxErrorPercent * send
}

export function mayAdvance({ goodRuns, neededRuns, hasSent }: PhaseProgress): boolean {
  return hasSent && goodRuns >= neededRuns
}
