import type { EmulatorRandom } from '../../core/crm.ts'
import type { RowError } from '../api-error.ts'
import { canonicalId } from '../record-id.ts'
import type { RowResult } from '../write-rows.ts'
import { delimiterOf, quotedCell } from './csv-format.ts'
import type { CsvRow } from './csv-rows.ts'
import type { IngestColumn } from './ingest-columns.ts'
import type { IngestJob } from './ingest-job.ts'
import { shuffled } from './shuffled.ts'

export interface ChunkReport {
  rows: readonly CsvRow[]
  results: readonly RowResult[]
  columns: readonly IngestColumn[]
  random: EmulatorRandom
}

/** Appends each row to the file of its outcome. Not in the order of the upload: clients must find rows by their key. */
export function reportChunk(job: IngestJob, { rows, results, columns, random }: ChunkReport): void {
  const delimiter = delimiterOf(job.format)
  const idColumn = columns.findIndex((column) => column.kind === 'field' && column.name === 'Id')
  let failed = 0
  for (const place of shuffled(rows.length, random)) {
    const row = rows[place]
    const result = results[place]
    if (row === undefined || result === undefined) continue
    const cells = quotedCells(row, delimiter)
    if (result.success) {
      const created = result.created && job.operation !== 'delete' && job.operation !== 'hardDelete'
      job.successes.append(`"${result.id}"${delimiter}"${created}"${delimiter}${cells}\n`)
      continue
    }
    failed += 1
    const id = canonicalId(row.cells[idColumn] ?? '') ?? ''
    job.failures.append(`"${id}"${delimiter}${quotedCell(errorText(result.errors))}${delimiter}${cells}\n`)
  }
  job.processed += rows.length
  job.failed += failed
}

/** The header row and nothing else. */
export function resultHeader(job: IngestJob, second: 'sf__Created' | 'sf__Error'): string {
  const delimiter = delimiterOf(job.format)
  const header = job.header === '' ? '' : `${delimiter}${job.header}`
  return `"sf__Id"${delimiter}"${second}"${header}\n`
}

/** `CODE:message:Field1,Field2 --` */
function errorText(errors: readonly RowError[]): string {
  return errors
    .map(({ code, message, fields }) => `${code}:${message}:${fields.length === 0 ? '' : `${fields.join(',')} `}--`)
    .join('')
}

function quotedCells({ cells, plain }: CsvRow, delimiter: string): string {
  if (!plain) return cells.map(quotedCell).join(delimiter)
  return `"${cells.join(`"${delimiter}"`)}"`
}
