import type { BodyPieces } from '../../core/body-pieces.ts'
import type { BoundQuery } from '../soql-run.ts'
import type { BulkJob } from './ingest-job.ts'

export type QueryOperation = 'query' | 'queryAll'

/** What a query found when it ran, as CSV lines: records that change afterwards do not change it. */
export interface QueryResult {
  header: string
  lines: BodyPieces
  /** Byte at which each row starts, and the end of the last. */
  offsets: Float64Array
  rows: number
}

export interface QueryJob extends BulkJob {
  readonly kind: 'query'
  readonly operation: QueryOperation
  readonly bound: BoundQuery
  result: QueryResult | undefined
  /** Rows written so far. */
  processed: number
}
