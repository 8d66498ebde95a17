import { SeededRandom } from '../../core/seeded-random.ts'
import { rowError } from '../api-error.ts'
import type { Org } from '../org.ts'
import { newWriteContext } from '../write-context.ts'
import type { RowResult } from '../write-rows.ts'
import type { BulkSettings } from './bulk-settings.ts'
import type { BulkUsage } from './bulk-usage.ts'
import { delimiterOf } from './csv-format.ts'
import { CHUNK_ROWS, type CsvIndex, indexCsv } from './csv-index.ts'
import { parseCsvRows } from './csv-rows.ts'
import { bindColumns, type IngestColumn } from './ingest-columns.ts'
import type { IngestJob } from './ingest-job.ts'
import { reportChunk } from './report-chunk.ts'
import { shuffled } from './shuffled.ts'
import { type ChunkWriter, writeChunk } from './write-chunk.ts'

export const BATCH_CHUNKS = 50
const LOCK_RETRIES = 10

/** Where a job may be interrupted; with a time, it goes on no earlier. */
export type Pause = { untilMs: number } | undefined

export interface JobWorld {
  org: Org
  usage: BulkUsage
  settings(): BulkSettings
}

/**
 * A closed job from the queue to its end, a chunk of rows between pauses. Batches of 10,000 rows go in any order, and so
 * do the chunks in them: what a client may count on is the result files, never their order.
 */
export function* runIngest(job: IngestJob, world: JobWorld): Generator<Pause, void> {
  const clock = world.org.context.clock
  yield { untilMs: job.changedAtMs + world.settings().queue_ms }
  job.state = 'InProgress'
  job.startedAtMs = clock.nowMs()
  job.changedAtMs = job.startedAtMs
  yield undefined
  const index = job.index ?? (yield* openUpload(job))
  const bound = boundColumns(job, world.org, index)
  const errorMessage = 'errorMessage' in bound ? bound.errorMessage : yield* runBatches(job, world, bound)
  job.errorMessage = errorMessage
  job.state = errorMessage === undefined ? 'JobComplete' : 'Failed'
  job.finishedAtMs = clock.nowMs()
  job.changedAtMs = job.finishedAtMs
  if (job.chunksDone.every((done) => done === 1)) job.upload = undefined
}

function* openUpload(job: IngestJob): Generator<Pause, CsvIndex> {
  const upload = job.upload ?? Buffer.alloc(0)
  const index = yield* indexCsv(upload, job.format)
  job.index = index
  job.header = upload.toString('utf8', 0, index.headerEnd)
  job.chunksDone = new Uint8Array(index.chunkStarts.length)
  job.chunksLost = new Uint8Array(index.chunkStarts.length)
  return index
}

function boundColumns(job: IngestJob, org: Org, index: CsvIndex): { writer: ChunkWriter } | { errorMessage: string } {
  if (index.wrongLineEnding) {
    const setting = job.format.lineEnding
    const message = `LineEnding is invalid on user data. Current LineEnding setting is ${setting}`
    return { errorMessage: `ClientInputError : ${message}` }
  }
  const object = org.schema.find(job.object)
  if (object === undefined) return { errorMessage: `InvalidJob : Unable to find object: ${job.object}` }
  const names = job.header === '' ? [] : (parseCsvRows(job.header, delimiterOf(job.format))[0]?.cells ?? [])
  const { operation, externalIdFieldName } = job
  const empty: { columns: readonly IngestColumn[] } = { columns: [] }
  const bound = names.length === 0 ? empty : bindColumns({ org, object, operation, header: job.header, names })
  if ('errorMessage' in bound) return bound
  const assign = job.assignmentRuleId !== undefined
  const context = newWriteContext(org, { userId: job.createdById, assign, textual: true })
  return { writer: { context, object, operation, externalIdFieldName, columns: bound.columns } }
}

/** The errorMessage of a job that fails on the way; what was written until then stays. */
function* runBatches(
  job: IngestJob,
  world: JobWorld,
  { writer }: { writer: ChunkWriter },
): Generator<Pause, string | undefined> {
  const random = new SeededRandom(job.shuffleSeed)
  const chunks = job.chunksDone.length
  const batches = shuffled(Math.ceil(chunks / BATCH_CHUNKS), random)
  for (const batch of batches) {
    const first = batch * BATCH_CHUNKS
    const size = Math.min(BATCH_CHUNKS, chunks - first)
    const startedMs = world.org.context.clock.nowMs()
    const rows = Math.min(size * CHUNK_ROWS, (job.index?.rows ?? 0) - first * CHUNK_ROWS)
    if (!world.usage.takeBatch(rows)) return exceeded(job)
    for (const place of shuffled(size, random)) {
      const problem = runChunk(job, world, { writer, chunk: first + place, random })
      if (problem !== undefined) return problem
      yield undefined
    }
    yield { untilMs: startedMs + world.settings().batch_ms }
  }
  return undefined
}

// Beyond the day's allocation nothing is recorded of a row: it is in none of the three files.
function exceeded(job: IngestJob): string {
  for (let chunk = 0; chunk < job.chunksDone.length; chunk += 1) {
    if (job.chunksDone[chunk] === 0) job.chunksLost[chunk] = 1
  }
  return 'ExceededQuota : ApiBatchItems Limit exceeded.'
}

interface ChunkRun {
  writer: ChunkWriter
  chunk: number
  random: SeededRandom
}

function runChunk(job: IngestJob, world: JobWorld, { writer, chunk, random }: ChunkRun): string | undefined {
  if (job.chunksDone[chunk] === 1) return undefined
  const settings = world.settings()
  if (settings.fail_after_rows !== undefined && job.processed >= settings.fail_after_rows) {
    return settings.fail_message ?? 'InternalServerError : Unable to process the batch after 20 attempts'
  }
  const locked = settings.locked?.chunks.includes(chunk) === true ? settings.locked : undefined
  if (locked !== undefined) {
    const attempts = locked.outcome === 'retry' ? locked.times : LOCK_RETRIES
    job.retries += Math.min(attempts, LOCK_RETRIES)
    if (locked.outcome === 'job' || attempts > LOCK_RETRIES) {
      return `TooManyLockFailure : Too many lock failure. Trying again later. Retried ${LOCK_RETRIES} times.`
    }
  }
  const rows = parseCsvRows(chunkText(job, chunk), delimiterOf(job.format))
  const results = locked?.outcome === 'rows' ? rows.map(() => lockedRow()) : writeChunk(writer, rows)
  reportChunk(job, { rows, results, columns: writer.columns, random })
  job.chunksDone[chunk] = 1
  return undefined
}

function lockedRow(): RowResult {
  const message = 'unable to obtain exclusive access to this record or 1 records'
  return { success: false, errors: [rowError('UNABLE_TO_LOCK_ROW', message)] }
}

function chunkText(job: IngestJob, chunk: number): string {
  const starts = job.index?.chunkStarts ?? []
  return job.upload?.toString('utf8', starts[chunk], starts[chunk + 1] ?? job.upload.length) ?? ''
}
