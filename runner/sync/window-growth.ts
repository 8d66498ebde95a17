/**
 * How many batches are announced in one write. What a window costs is that write, and what it risks is that all of it may have to be
 * read back after a crash. A run begins with windows as small as can be, for mistakes show in its first rows; they grow once enough
 * rows in a row have succeeded, and from the first one that does not it begins anew.
 */
import type { WritePath } from '../destination/destination.ts'
import type { SentBatch } from './send-batch.ts'

/** Ten reads by key on the slower of the CRMs. */
const mostRows = 2_000
/** Rows that succeed one after another before windows grow. */
const steadyRows = 1_000

export interface WindowGrowth {
  /** Batches of the next window. */
  size(): number
  after(sent: readonly SentBatch[]): void
}

export interface GrowthRequest {
  /** Batches in flight together, which is also the smallest window. */
  concurrency: number
  batchSize: number
  path: WritePath
}

export function windowGrowth({ concurrency, batchSize, path }: GrowthRequest): WindowGrowth {
  // What may exist twice when it is repeated is announced in the smallest portions.
  const isRepeatable = path === 'upsert' || path === 'update'
  const most = isRepeatable ? Math.max(concurrency, Math.floor(mostRows / batchSize)) : concurrency
  let size = concurrency
  let streak = 0
  return {
    size: () => size,
    after(sent) {
      streak = sent.every(isWhole) ? streak + sent.reduce((rows, { final }) => rows + final.size, 0) : 0
      size = streak < steadyRows ? concurrency : Math.min(most, size * 2)
    },
  }
}

/** Every row of it is in the CRM. */
export function isWhole({ final, failure }: SentBatch): boolean {
  return failure === undefined && final.size > 0 && [...final.values()].every(({ status }) => status === 'succeeded')
}
