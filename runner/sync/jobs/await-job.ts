/** Waits for a bulk job to end, however long it takes, and keeps the lease meanwhile. */
import type { BulkLoader, BulkState } from '../../destination/bulk.ts'
import { BackfeedError, ExitCode } from '../../errors.ts'
import type { SyncRun } from '../sync-run.ts'

const firstWaitMs = 500
const longestWaitMs = 20_000
/** Polls in a row that may fail before the run gives up waiting; the job goes on without it. */
const patience = 12

const ended: readonly BulkState['phase'][] = ['complete', 'failed', 'aborted', 'gone']

export function hasEnded(state: BulkState): boolean {
  return ended.includes(state.phase)
}

/** Throws when the run is interrupted, the lease is lost or the CRM stays away; the job is not touched by that. */
export async function awaitJob(run: SyncRun, bulk: BulkLoader, job: { id: string; rows?: number }): Promise<BulkState> {
  let failures = 0
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(longestWaitMs, waitMs * 1.6)) {
    run.signal.throwIfAborted()
    try {
      const state = await bulk.state(job.id, run.signal)
      failures = 0
      if (hasEnded(state)) return state
      run.progress(`bulk job ${job.id}`, state.processed ?? 0, job.rows)
    } catch (error) {
      failures += 1
      if (run.signal.aborted || !isTemporary(error) || failures >= patience) throw error
    }
    await run.lease.renew()
    await run.warehouse.release()
    await run.ports.clock.sleep(waitMs, run.signal)
  }
}

function isTemporary(error: unknown): boolean {
  return error instanceof BackfeedError && error.exitCode === ExitCode.temporary
}
