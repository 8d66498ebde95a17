import { type RowError, rowError } from '../api-error.ts'
import type { ObjectSchema } from '../object-schema.ts'
import { canonicalId } from '../record-id.ts'
import { foldedKey, repeatedKeys } from '../repeated-keys.ts'
import type { RawRow } from '../row-values.ts'
import { keyField, keyValue, prepareUpsert } from '../upsert-row.ts'
import type { WriteContext } from '../write-context.ts'
import { type Prepared, prepareCreate, prepareDelete, prepareUpdate } from '../write-row.ts'
import { type RowResult, writeRows } from '../write-rows.ts'
import type { CsvRow } from './csv-rows.ts'
import type { IngestColumn } from './ingest-columns.ts'
import type { IngestOperation } from './ingest-job.ts'

const MAX_CELL_CHARS = 131_072
const MAX_ROW_CHARS = 400_000
const CLEAR = '#N/A'

export interface ChunkWriter {
  context: WriteContext
  object: ObjectSchema
  operation: IngestOperation
  externalIdFieldName: string | undefined
  columns: readonly IngestColumn[]
}

/** Rows of one chunk as one DML call: what they hold is stored as REST would store it. Results in the order of the rows. */
export function writeChunk(writer: ChunkWriter, rows: readonly CsvRow[]): RowResult[] {
  const problems = rows.map((row) => problemOf(row, writer.columns))
  const raw = rows.map((row, index) => (problems[index] === undefined ? rawRow(row, writer.columns) : {}))
  const prepare = preparation(writer, raw)
  const thunks = raw.map((row, index) => (): Prepared => {
    const problem = problems[index]
    return problem === undefined ? prepare(row, index) : { errors: [problem] }
  })
  const results = writeRows(writer.context, thunks, { allOrNone: false })
  if (writer.operation === 'hardDelete') emptyRecycleBin(writer, results)
  return results
}

function emptyRecycleBin({ context, object }: ChunkWriter, results: readonly RowResult[]): void {
  for (const result of results) if (result.success) context.org.store.forget(object.name, result.id)
}

type Prepare = (row: RawRow, index: number) => Prepared

function preparation(writer: ChunkWriter, rows: readonly RawRow[]): Prepare {
  const { context, object } = writer
  switch (writer.operation) {
    case 'insert':
      return (row) => (row.Id === undefined ? prepareCreate(context, object, { row }) : idInInsert())
    case 'update':
      return (row) => withId(row, (id) => prepareUpdate(context, object, { id, row }))
    case 'upsert':
      return upsertPreparation(writer, rows)
    case 'delete':
    case 'hardDelete':
      return (row) => withId(row, (id) => deleted(writer, id))
  }
}

function upsertPreparation({ context, object, externalIdFieldName }: ChunkWriter, rows: readonly RawRow[]): Prepare {
  const field = keyField(object, externalIdFieldName ?? '')
  const keys = rows.map((row) => keyValue(field, row[field.name]))
  const repeated = repeatedKeys(keys, field)
  return (row, index) => {
    const key = keys[index]
    if (key === undefined || 'error' in key) return { errors: key === undefined ? [] : [key.error] }
    if (repeated.size > 0 && repeated.has(foldedKey(key.value, field))) {
      return failed('DUPLICATE_VALUE', `Duplicate external id specified: ${key.value}`, [field.name])
    }
    return prepareUpsert(context, { object, field, value: key.value, row })
  }
}

function deleted({ context, object }: ChunkWriter, id: string): Prepared {
  const canonical = canonicalId(id)
  if (canonical !== undefined && !canonical.startsWith(object.keyPrefix)) {
    return failed('INVALID_ID_FIELD', `invalid record id for ${object.name}`, ['Id'])
  }
  return prepareDelete(context, id)
}

function withId(row: RawRow, prepare: (id: string) => Prepared): Prepared {
  if (typeof row.Id === 'string') return prepare(row.Id)
  return failed('MISSING_ARGUMENT', 'Id not specified in an update call', ['Id'])
}

function idInInsert(): Prepared {
  return failed('INVALID_FIELD', 'cannot specify Id in an insert call', ['Id'])
}

/** An empty cell leaves its field as it is, `#N/A` clears it. */
function rawRow({ cells }: CsvRow, columns: readonly IngestColumn[]): RawRow {
  const row: Record<string, unknown> = {}
  for (let index = 0; index < columns.length; index += 1) {
    const cell = cells[index]
    const column = columns[index]
    if (cell === undefined || cell === '' || column === undefined) continue
    if (column.kind === 'field') row[column.name] = cell === CLEAR ? null : cell
    else row[column.relationship] = cell === CLEAR ? null : parentRow(column, cell)
  }
  return row
}

function parentRow(column: Extract<IngestColumn, { kind: 'parent' }>, cell: string): RawRow {
  const key = { [column.key]: cell }
  return column.type === undefined ? key : { attributes: { type: column.type }, ...key }
}

function problemOf({ cells, problem }: CsvRow, columns: readonly IngestColumn[]): RowError | undefined {
  if (problem !== undefined) return rowError('INVALID_CSV', `Unable to read the row: ${problem}`)
  if (cells.length !== columns.length) {
    return rowError('INVALID_CSV', `The row has ${cells.length} values, the header names ${columns.length} fields`)
  }
  let chars = 0
  for (const cell of cells) {
    chars += cell.length
    if (cell.length > MAX_CELL_CHARS) return tooLong('Field', MAX_CELL_CHARS)
  }
  return chars > MAX_ROW_CHARS ? tooLong('Record', MAX_ROW_CHARS) : undefined
}

function tooLong(what: string, max: number): RowError {
  return rowError('CLIENT_INPUT_ERROR', `${what} exceeds the maximum of ${max} characters`)
}

function failed(code: string, message: string, fields: readonly string[]): Prepared {
  return { errors: [rowError(code, message, fields)] }
}
