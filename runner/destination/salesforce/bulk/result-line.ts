/** How the lines of the three result files are read. Columns are found by name: their order is the CRM's. */

import type { BulkResult, BulkState } from '../../bulk.ts'
import type { RowOutcome } from '../../destination.ts'
import { failedOutcome } from '../failed-outcome.ts'
import { parseBulkError } from '../salesforce-errors.ts'
import { type CsvCursor, CsvFault } from './csv-cursor.ts'

export type LineReader = (line: CsvCursor) => BulkResult

const RECORD_ID = /^[a-zA-Z0-9]{18}$/

export function succeededLine(header: readonly string[], key: string): LineReader {
  const id = columnOf(header, 'sf__Id')
  const created = columnOf(header, 'sf__Created')
  const named = keyColumn(header, key, id)
  return (line) => {
    const recordId = line.cell(id)
    const outcome: RowOutcome = RECORD_ID.test(recordId)
      ? { status: 'succeeded', recordId, created: line.cell(created) === 'true' }
      : { status: 'unknown', code: 'NO_RESULT' }
    return { key: line.cell(named()), outcome }
  }
}

export function failedLine(header: readonly string[], key: string): LineReader {
  const error = columnOf(header, 'sf__Error')
  const id = columnOf(header, 'sf__Id')
  const named = keyColumn(header, key, id)
  const names = new Set(header)
  return (line) => {
    const values = header.flatMap((_, index) => (index === error || index === id ? [] : [line.cell(index)]))
    return {
      key: line.cell(named()),
      outcome: failedOutcome(parseBulkError(line.cell(error)), { sent: { names, values }, matchField: key }),
    }
  }
}

/** Never processed, so never applied; a file that failed as such would fail again. */
export function unprocessedLine(header: readonly string[], key: string, state: BulkState): LineReader {
  const named = keyColumn(header, key)
  const outcome = unprocessedOutcome(state)
  return (line) => ({ key: line.cell(named()), outcome })
}

function unprocessedOutcome({ phase, verdict, message }: BulkState): RowOutcome {
  if (verdict?.status === 'rejected') return { ...verdict, status: 'rejected', reason: message ?? '' }
  const code = phase === 'aborted' ? 'JOB_ABORTED' : 'NOT_PROCESSED'
  return { code, ...verdict, status: 'retryable', ...(message === undefined ? {} : { reason: message }) }
}

/** Asked for by the first line: a job without processed rows may have files without columns. */
function keyColumn(header: readonly string[], key: string, notAt?: number): () => number {
  let found: number | undefined
  return () => {
    found ??= columnOf(header, key, notAt)
    return found
  }
}

/** Case does not matter to Salesforce. The id column of a result is not that of the file, though it may be called alike. */
function columnOf(header: readonly string[], name: string, notAt?: number): number {
  const wanted = name.toLowerCase()
  const found = header.findIndex((cell, index) => index !== notAt && cell.toLowerCase() === wanted)
  if (found < 0) throw new CsvFault(`no column ${name}`)
  return found
}
