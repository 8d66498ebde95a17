/** Renews the lease while something goes on that may take longer than the lease lives: an upload, a model, a read of a large object. */
import type { SyncRun } from './sync-run.ts'

const heartbeatMs = 30_000

/**
 * A renewal that fails is not told here: whoever took the lease over is found out by the next confirm(), which comes before
 * anything is sent.
 */
export async function keepingLease<T>(run: Pick<SyncRun, 'lease' | 'ports'>, work: () => Promise<T>): Promise<T> {
  const done = new AbortController()
  const beating = beat(run, done.signal)
  try {
    return await work()
  } finally {
    done.abort()
    await beating
  }
}

async function beat({ lease, ports: { clock } }: Pick<SyncRun, 'lease' | 'ports'>, done: AbortSignal): Promise<void> {
  let beatMs = clock.monotonicMs()
  while (!done.aborted) {
    await clock.sleep(heartbeatMs, done).catch(() => undefined)
    // A clock that wakes its sleepers early must not turn into a stream of renewals.
    if (done.aborted || clock.monotonicMs() - beatMs < heartbeatMs / 2) continue
    beatMs = clock.monotonicMs()
    await lease.renew().catch(() => undefined)
  }
}
