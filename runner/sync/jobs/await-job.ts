/** Waits for a bulk job to end, however long it takes, and keeps the lease meanwhile. */
import type { BulkLoader, BulkState } from '../../destination/bulk.ts'
import { BackfeedError, ExitCode } from '../../errors.ts'
import type { SyncRun } from '../sync-run.ts'

/** Throws when the run is interrupted, the lease is lost or the CRM stays away; the job is not touched by that. */
export async function awaitJob(run: SyncRun, bulk: BulkLoader, job: { id: string; rows?: number }): Promise<BulkState> {
  const state = await bulk.settled(job.id, run.signal, async ({ processed }) => {
    run.ports.crashPoints.at('CP21')
    run.progress(`bulk job ${job.id}`, processed ?? 0, job.rows)
    await run.lease.renew()
    await run.warehouse.release()
  })
  if (state.phase !== 'open') return state
  throw new BackfeedError(
    {
      code: 'E-BULK-OPEN',
      message: `bulk job ${job.id} was closed and still says that it is open`,
      help: 'run again later: the next run looks at the job again',
    },
    { exitCode: ExitCode.temporary },
  )
}
