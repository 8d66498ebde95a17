/**
 * The bulk side of a destination: many changes of one path and one field set, loaded as a job that lives on without us. The sync
 * layer makes every step durable before the next (protocol A10), so the steps are separate calls and a job is known by its id alone.
 */
import type { Change, CrmRecord, RowOutcome, StopCause } from './destination.ts'

/** What all changes of one job have in common. */
export interface BulkRequest {
  object: string
  /** Never a plain create: only a write that can be repeated is loaded by a job. */
  path: 'upsert' | 'update'
  /** API name of the field records are matched on; only for `upsert`. */
  matchField?: string
}

/** The file of one job, on local disk and readable by this user only, until it is discarded. */
export interface PreparedLoad {
  /** Changes in the file; those in `refused` are not. */
  rows: number
  bytes: number
  /** Of the file's bytes. */
  sha256: string
  /** Header cells, in order: the exact field set. */
  columns: readonly string[]
  /** Change ids whose line did not read back as the payload that was planned: not in the file, so not sent. */
  refused: readonly string[]
  discard(): Promise<void>
}

/** A change with the hash of its payload: the file is checked against it before anything is uploaded. */
export interface BulkChange extends Change {
  /** md5 (hex) of `body`. */
  payloadHash: string
}

export type BulkPhase = 'open' | 'queued' | 'running' | 'complete' | 'failed' | 'aborted' | 'gone'

export interface BulkState {
  phase: BulkPhase
  /** As the CRM counts them; absent while it does not. */
  processed?: number
  failed?: number
  /** The CRM's own words about the job, redacted. */
  message?: string
  /** What a failed job means for the rows that were not processed. */
  verdict?: { status: 'rejected' | 'retryable'; code: string; stops?: StopCause }
}

/** What a result line says; `key` is the match value or record id exactly as it stood in the file. */
export interface BulkResult {
  key: string
  outcome: RowOutcome
}

/** Calls throw BackfeedError (E-CRM-…) when the CRM cannot be reached or refuses; whether a step took effect is then asked with `state`. */
export interface BulkLoader {
  /** Writes the file and checks every line against its payload hash. Contacts nobody. Memory stays flat. */
  prepare(
    request: BulkRequest,
    changes: AsyncIterable<readonly BulkChange[]>,
    signal: AbortSignal,
  ): Promise<PreparedLoad>
  /** Returns the id of a new job without data. */
  create(request: BulkRequest, signal: AbortSignal): Promise<string>
  /** Uploads the whole file; may be repeated after a failure as long as the job is open. */
  upload(jobId: string, load: PreparedLoad, signal: AbortSignal): Promise<void>
  /** From here on the CRM processes the job. */
  close(jobId: string, signal: AbortSignal): Promise<void>
  /** The write calls of one job in order; `carries`: the one that has the file. A plan asks with `{id}`. Contacts nobody. */
  wire(jobId: string): readonly { method: 'POST' | 'PUT' | 'PATCH'; path: string; carries: boolean }[]
  state(jobId: string, signal: AbortSignal): Promise<BulkState>
  /** Polls with backoff until the job has ended; `onState` sees every answer. A job nobody closed is returned as `open`. */
  settled(jobId: string, signal: AbortSignal, onState?: (state: BulkState) => void | Promise<void>): Promise<BulkState>
  abort(jobId: string, signal: AbortSignal): Promise<void>
  /** All result lines of an ended job: succeeded, failed and unprocessed ones, in any order. Throws when an answer is cut short. */
  results(
    job: { id: string; request: BulkRequest; state: BulkState },
    signal: AbortSignal,
  ): AsyncIterable<readonly BulkResult[]>
}

/** Every record of an object that has a match value, for plans that would otherwise ask for them a few hundred at a time. */
export interface BulkReadRequest {
  object: string
  matchField: string
  fields: readonly string[]
}

export interface BulkReader {
  readAll(request: BulkReadRequest, signal: AbortSignal): AsyncIterable<readonly CrmRecord[]>
}
