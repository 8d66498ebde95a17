import { bool, choice, count, optional, record, strictKeys, text } from '../../core/control-input.ts'
import { ControlError } from '../../core/crm.ts'

/** Chunks of 200 rows, by their place in the upload, that meet a locked record. */
export interface LockedChunks {
  chunks: readonly number[]
  /** retry: they go through after `times` attempts. rows: their rows fail. job: the job fails when it comes to one. */
  outcome: 'retry' | 'rows' | 'job'
  times: number
}

/** How bulk jobs go; the control plane writes it. Times are virtual. */
export interface BulkSettings {
  /** Between the close of a job and its first batch. */
  queue_ms: number
  /** What a batch takes, at least. */
  batch_ms: number
  /** Does the API user hold the permission "Bulk API Hard Delete"? */
  hard_delete: boolean
  daily_batches: number
  daily_records: number
  daily_query_jobs: number
  /** Rows of a page of query results whose request names no maxRecords. */
  query_page_rows: number
  locked?: LockedChunks
  /** Jobs fail once so many rows have been through, and the rest stays unprocessed. */
  fail_after_rows?: number
  fail_message?: string
}

export const DEFAULT_SETTINGS: BulkSettings = {
  queue_ms: 0,
  batch_ms: 0,
  hard_delete: false,
  daily_batches: 15_000,
  daily_records: 150_000_000,
  daily_query_jobs: 10_000,
  query_page_rows: 50_000,
}

const COUNTS = ['queue_ms', 'batch_ms', 'daily_batches', 'daily_records', 'daily_query_jobs'] as const
const KNOWN = [...COUNTS, 'hard_delete', 'query_page_rows', 'locked', 'fail_after_rows', 'fail_message']

/** What is named changes, null takes an optional one back; the rest stays. Throws ControlError(400), changing nothing. */
export function changedSettings(before: BulkSettings, body: unknown): BulkSettings {
  const input = record(body, 'body')
  strictKeys(input, KNOWN, 'body')
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null))
  const kept = Object.entries(before).filter(([name]) => input[name] !== null)
  const after = { ...DEFAULT_SETTINGS, ...Object.fromEntries(kept) }
  for (const name of COUNTS) {
    if (given[name] !== undefined) after[name] = count(given[name], { min: 0, where: name })
  }
  return {
    ...after,
    ...optional('hard_delete', given.hard_delete, (value) => bool(value, 'hard_delete')),
    ...optional('query_page_rows', given.query_page_rows, (value) =>
      count(value, { min: 1, where: 'query_page_rows' }),
    ),
    ...optional('locked', given.locked, lockedChunks),
    ...optional('fail_after_rows', given.fail_after_rows, (value) =>
      count(value, { min: 0, where: 'fail_after_rows' }),
    ),
    ...optional('fail_message', given.fail_message, (value) => text(value, 'fail_message')),
  }
}

function lockedChunks(value: unknown): LockedChunks {
  const input = record(value, 'locked')
  strictKeys(input, ['chunks', 'outcome', 'times'], 'locked')
  if (!Array.isArray(input.chunks)) throw new ControlError(400, 'locked.chunks: expected an array of chunk numbers')
  return {
    chunks: input.chunks.map((one) => count(one, { min: 0, where: 'locked.chunks' })),
    outcome: choice(input.outcome ?? 'retry', ['retry', 'rows', 'job'], 'locked.outcome'),
    times: count(input.times ?? 1, { min: 1, where: 'locked.times' }),
  }
}
