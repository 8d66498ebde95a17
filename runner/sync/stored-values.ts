/**
 * What the CRM stored where that is not what was sent: trimmed, in small letters, rounded. An acknowledged value has two faces
 * (protocol A12); the second is kept only where it differs, first in a work table of the plan, then in state and in the log.
 */
import type { FieldValues } from '../destination/destination.ts'
import type { AtomicStep, TextRow } from '../warehouse/warehouse.ts'
import type { SentBatch } from './send-batch.ts'
import { workRef } from './snapshot-crm.ts'
import type { SyncRun } from './sync-run.ts'

export const storedColumns = ['plan_id', 'row_no', 'field', 'value', 'source'] as const

export interface StoredCell {
  rowNo: number
  field: string
  value: string | null
  /** `canary`: read back, whatever it is; `answer`: told by the CRM, and not what was sent. */
  source: 'canary' | 'answer'
}

export function createStoredStatement(run: SyncRun): string {
  const columns = storedColumns.map((name) => ({ name, kind: name === 'row_no' ? 'bigint' : 'text' }))
  return run.environment.call('sql.create_table', [run.context.sync.work.stored, columns])
}

export function storedRows(run: SyncRun, cells: readonly StoredCell[]): TextRow[] {
  const { plan_id } = run.context.run
  return cells.map(({ rowNo, field, value, source }) => [plan_id, String(rowNo), field, value, source])
}

/** Nothing, when every answer repeats what was sent, or does not tell. */
export function storedSteps(run: SyncRun, sent: readonly SentBatch[]): AtomicStep[] {
  const cells = sent.flatMap(({ attempts }) => attempts.flatMap(({ results }) => results.flatMap(differing)))
  const mapped = new Set(run.context.sync.fields.filter(({ opaque }) => !opaque).map(({ to }) => to))
  const rows = storedRows(
    run,
    cells.filter(({ field }) => mapped.has(field)),
  )
  if (rows.length === 0) return []
  return [{ table: workRef(run, 'stored'), columns: storedColumns, rows }]
}

type Result = SentBatch['attempts'][number]['results'][number]

function differing({ change, outcome }: Result): StoredCell[] {
  if (outcome.status !== 'succeeded' || outcome.stored === undefined) return []
  return changedCells(change.body, outcome.stored).map(([field, value]) => ({
    rowNo: change.rowNo,
    field,
    value,
    source: 'answer',
  }))
}

/** The fragment is parsed only where it does not hold the stored text as it is: parsing every row costs as much as sending it. */
export function changedCells(body: string, stored: FieldValues): [string, string | null][] {
  const doubtful = Object.entries(stored).filter(
    ([name, value]) => !body.includes(`"${name}":${JSON.stringify(value ?? '')}`),
  )
  if (doubtful.length === 0) return []
  const sent = sentTexts(body)
  return doubtful.filter(([name, value]) => name in sent && !isSameText(sent[name] ?? '', value ?? ''))
}

function sentTexts(body: string): Record<string, string> {
  const parsed: unknown = JSON.parse(body)
  const holder = isObject(parsed) && isObject(parsed.properties) ? parsed.properties : parsed
  if (!isObject(holder)) return {}
  return Object.fromEntries(Object.entries(holder).map(([name, value]) => [name, value === null ? '' : String(value)]))
}

/** A first sieve: the warehouse compares the rest as the field's kind. */
function isSameText(sent: string, stored: string): boolean {
  if (sent === stored) return true
  if (sent === '' || stored === '') return false
  if (Number(sent) === Number(stored)) return true
  const at = Date.parse(sent)
  return !Number.isNaN(at) && at === Date.parse(stored)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Fields of which earlier runs learnt that the CRM stores them otherwise. */
export async function transformedFields(run: SyncRun): Promise<ReadonlySet<string>> {
  const sql = `select distinct field from ${run.context.run.ledger.sync_stored} where sync_name = '${run.sync.name}' and org_id = '${run.org.orgId}'`
  const rows = await run.warehouse.rows(sql, { ...run.options('stored'), max: 10_000 })
  return new Set(rows.map(([field]) => field ?? ''))
}
