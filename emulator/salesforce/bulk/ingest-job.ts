import type { BodyPieces } from '../../core/body-pieces.ts'
import type { CsvFormat } from './csv-format.ts'
import type { CsvIndex } from './csv-index.ts'

export const INGEST_OPERATIONS = ['insert', 'update', 'upsert', 'delete', 'hardDelete'] as const
export type IngestOperation = (typeof INGEST_OPERATIONS)[number]
export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted'

/** What both kinds of jobs are to those who schedule, list, expire and show them. */
export interface BulkJob {
  readonly id: string
  readonly format: CsvFormat
  /** As in the path that created it: `66.0`. */
  readonly apiVersion: string
  readonly createdAtMs: number
  /** Who created it, and in whose name its rows are written. */
  readonly createdById: string
  /** Where it stands in lists: any order but that of creation. */
  readonly listPlace: number
  /** Journal number of the request whose work this is. */
  request: number | 'control'
  state: JobState
  changedAtMs: number
  startedAtMs: number | undefined
  finishedAtMs: number | undefined
  errorMessage: string | undefined
  retries: number
}

export interface IngestJob extends BulkJob {
  readonly kind: 'ingest'
  /** Canonical name. */
  readonly object: string
  readonly operation: IngestOperation
  readonly externalIdFieldName: string | undefined
  readonly assignmentRuleId: string | undefined
  /** Seeds the order of its batches. */
  readonly shuffleSeed: number
  /** Kept until every row of it stands in a result. */
  upload: Buffer | undefined
  hasUpload: boolean
  index: CsvIndex | undefined
  /** By chunk: written or refused row by row, so that its rows stand in one of the two result files. */
  chunksDone: Uint8Array
  /** By chunk: neither written nor reported, as beyond the daily allocation. */
  chunksLost: Uint8Array
  header: string
  processed: number
  failed: number
  successes: BodyPieces
  failures: BodyPieces
}

export function isOver(job: BulkJob): boolean {
  return job.state === 'JobComplete' || job.state === 'Failed' || job.state === 'Aborted'
}
