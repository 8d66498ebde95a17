/** The batches of a plan in the order of the plan, a window at a time. */
import { type Batch, batchesOf } from './read-batches.ts'
import type { SyncRun } from './sync-run.ts'

export interface WindowSource {
  /** At most `size` batches that may be announced together; none at the end. Deletes wait until everything before them is answered. */
  next(size: number): Promise<Batch[]>
  /** Batches of the last window that were announced and not sent: they come first in the next one. */
  putBack(batches: readonly Batch[]): void
}

/** `total`: rows that go by request, as the warehouse counted them. */
export function windowSource(run: SyncRun, total: number): WindowSource {
  const batches = batchesOf(run, total)
  let waiting: Batch[] = []
  const take = async (): Promise<Batch | undefined> => {
    const first = waiting.shift()
    if (first !== undefined) return first
    const { value, done } = await batches.next()
    return done ? undefined : value
  }
  return {
    async next(size) {
      const window: Batch[] = []
      while (window.length < size) {
        const batch = await take()
        if (batch === undefined) break
        if (window[0] !== undefined && removalOf(window[0]) !== removalOf(batch)) {
          waiting.unshift(batch)
          break
        }
        window.push(batch)
      }
      return window
    },
    putBack(unsent) {
      waiting = [...unsent, ...waiting]
    },
  }
}

function removalOf({ changes }: Batch): string | undefined {
  return changes[0]?.removal
}
