import type { Clock } from '../../../ports.ts'
import type { BulkPhase, BulkState } from '../../bulk.ts'
import { isPassing } from '../../crm-problems.ts'

const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 30_000
const BACKOFF = 1.5
/** In a row: ten minutes of an org that does not answer. A job needs nobody to watch it, so the next run asks again. */
const MAX_SILENT_POLLS = 20
/** An open job never ends by itself; one answer may be older than our own closing of it. */
const MAX_OPEN_POLLS = 3

const RUNNING: readonly BulkPhase[] = ['open', 'queued', 'running']

export interface Watch {
  clock: Clock
  signal: AbortSignal
  /** Throws BackfeedError when there is no answer. */
  ask: () => Promise<BulkState>
  onState?: ((state: BulkState) => void | Promise<void>) | undefined
}

/** Asks until the job has ended, hours if it takes them; a job that stays open is returned as such. */
export async function settleJob({ clock, signal, ask, onState }: Watch): Promise<BulkState> {
  let silent = 0
  let open = 0
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * BACKOFF, LONGEST_WAIT_MS)) {
    const state = await ask().catch((error: unknown) => {
      signal.throwIfAborted()
      silent += 1
      if (!isPassing(error) || silent > MAX_SILENT_POLLS) throw error
      return undefined
    })
    if (state !== undefined) {
      silent = 0
      open += state.phase === 'open' ? 1 : 0
      await onState?.(state)
      if (!RUNNING.includes(state.phase) || open === MAX_OPEN_POLLS) return state
    }
    await clock.sleep(waitMs, signal)
  }
}
