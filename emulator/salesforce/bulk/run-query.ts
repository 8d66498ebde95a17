import { BodyPieces } from '../../core/body-pieces.ts'
import type { StoredRecord } from '../../core/record-store.ts'
import type { Field } from '../field.ts'
import type { Org } from '../org.ts'
import { shownValue } from '../record-json.ts'
import { type BoundPath, recordBehind } from '../soql-binding.ts'
import { findRecords } from '../soql-run.ts'
import { delimiterOf, LINE_ENDINGS, quotedCell } from './csv-format.ts'
import type { QueryJob } from './query-job.ts'
import type { JobWorld, Pause } from './run-ingest.ts'

const SLICE_ROWS = 500

/** A query from the queue to its end. What it finds is fixed in one moment and only written out bit by bit. */
export function* runQuery(job: QueryJob, world: JobWorld): Generator<Pause, void> {
  const clock = world.org.context.clock
  yield { untilMs: job.changedAtMs + world.settings().queue_ms }
  job.state = 'InProgress'
  job.startedAtMs = clock.nowMs()
  job.changedAtMs = job.startedAtMs
  yield { untilMs: job.startedAtMs + world.settings().batch_ms }
  const found = snapshot(world.org, job)
  const writer = new ResultWriter(job, found.length)
  for (let from = 0; from < found.length; from += SLICE_ROWS) {
    writer.add(found.slice(from, from + SLICE_ROWS))
    yield undefined
  }
  job.result = writer.result()
  job.state = 'JobComplete'
  job.finishedAtMs = clock.nowMs()
  job.changedAtMs = job.finishedAtMs
}

/** Records and their parents as they are now: both are never changed in place. */
type Found = readonly (StoredRecord | undefined)[]

function snapshot(org: Org, job: QueryJob): Found[] {
  const { bound } = job
  const paths = bound.columns
  const direct = paths.every((path) => path.via.length === 0)
  const records = findRecords(org, bound, { withDeleted: job.operation === 'queryAll' })
  if (direct) return records.map((record) => [record])
  return records.map((record) => [record, ...paths.map((path) => recordBehind(org, record, path))])
}

class ResultWriter {
  readonly #job: QueryJob
  readonly #offsets: Float64Array
  readonly #lines = new BodyPieces('text/csv; charset=UTF-8')
  #rows = 0
  #bytes = 0

  constructor(job: QueryJob, rows: number) {
    this.#job = job
    this.#offsets = new Float64Array(rows + 1)
  }

  add(found: readonly Found[]): void {
    const { bound, format } = this.#job
    const delimiter = delimiterOf(format)
    const end = LINE_ENDINGS[format.lineEnding]
    for (const row of found) {
      const cells = bound.columns.map((path, index) => cell(path, row, index))
      const line = `${cells.join(delimiter)}${end}`
      this.#lines.append(line)
      this.#bytes += Buffer.byteLength(line)
      this.#rows += 1
      this.#offsets[this.#rows] = this.#bytes
    }
    this.#job.processed = this.#rows
  }

  result() {
    const { bound, format } = this.#job
    const names = bound.columns.map((path) => quotedCell(path.name)).join(delimiterOf(format))
    const header = `${names}${LINE_ENDINGS[format.lineEnding]}`
    return { header, lines: this.#lines, offsets: this.#offsets, rows: this.#rows }
  }
}

function cell(path: BoundPath, row: Found, index: number): string {
  const source = path.via.length === 0 ? row[0] : row[index + 1]
  return source === undefined ? '""' : quotedCell(shownText(source, path.field))
}

function shownText(record: StoredRecord, field: Field): string {
  const value = shownValue(record, field)
  if (value === null) return ''
  // The CSV of a bulk query says Z where JSON says +0000.
  return field.type === 'datetime' ? String(value).replace(/\+0000$/, 'Z') : String(value)
}
