/**
 * Reads the live values of exactly the rows that want a change and puts them beside the plan, as before-images. Reads in pages,
 * so that memory stays flat, and never writes to the CRM.
 */
import type { CrmRecord, ReferenceRead } from '../destination/destination.ts'
import { invariant } from '../errors.ts'
import type { TableRef, TextRow } from '../warehouse/warehouse.ts'
import type { ContextField } from './context-fields.ts'
import type { SyncRun } from './sync-run.ts'

const pageSize = 5_000

/** Returns the number of rows whose record was asked for. */
export async function snapshotCrm(run: SyncRun): Promise<number> {
  await createRecordTable(run, 'snapshot')
  const total = await countReads(run)
  if (readsWhole(run, total)) {
    await readWholeObject(run, total)
    return total
  }
  for (let from = 1; from <= total; from += pageSize) {
    const to = Math.min(from + pageSize - 1, total)
    const page = await run.warehouse.page(workRef(run, 'reads'), ['match_value'], { from, to }, run.options('reads'))
    await run.warehouse.release()
    await readPage(
      run,
      page.map(([value]) => requiredText(value)),
    )
    await run.lease.confirm()
    run.progress('read live values', to, total)
  }
  return total
}

/** As many keyed reads as this cost more calls than one query over the object, whose other records the plan leaves aside. */
const wholeObjectFactor = 10

/** Whether the live values come from one bulk query instead of a read per few hundred keys. */
function readsWhole(run: SyncRun, total: number): boolean {
  const { bulk, fields } = run.context.sync
  if (run.context.run.reads_by === 'id') return false
  // Only keyed reads follow references to the keys of other records.
  if (referenceReads(fields).length > 0) return false
  return bulk !== null && run.destination.bulk !== undefined && total > bulk.above * wholeObjectFactor
}

async function readWholeObject(run: SyncRun, total: number): Promise<void> {
  const { match, object } = run.context.sync
  const records = run.destination.bulk?.readAll(
    { object, matchField: match.field, fields: wantedFields(run) },
    run.signal,
  )
  let read = 0
  for await (const page of records ?? []) {
    await keepRecords(run, 'snapshot', page)
    await run.lease.confirm()
    read += page.length
    run.progress('read live values', read, Math.max(read, total))
  }
}

export function workRef(run: SyncRun, table: keyof SyncRun['context']['sync']['work']): TableRef {
  return { schema: run.target.schema, name: `${table}_${run.sync.name}` }
}

type RecordTable = 'snapshot' | 'removal_records'

export async function createRecordTable(run: SyncRun, table: RecordTable): Promise<void> {
  const relation = run.context.sync.work[table]
  const columns = snapshotColumns(run.context.sync.fields).map((name) => ({ name, kind: 'text' }))
  const statements = [
    // Of the last plan. Some warehouses keep a table that a view reads.
    run.environment.call('sql.drop_relation', [run.context.sync.work.decisions, 'view']),
    run.environment.call('sql.drop_table', [relation]),
    run.environment.call('sql.create_table', [relation, columns]),
  ]
  await run.warehouse.atomic(statements, run.options('snapshot'))
}

function snapshotColumns(fields: readonly ContextField[]): string[] {
  return ['match_value', 'record_id', 'own_match_value', 'absorbed', ...fields.map((field) => `live_${field.slug}`)]
}

export async function countReads(run: SyncRun): Promise<number> {
  const rows = await run.warehouse.rows(`select count(*) from ${run.context.sync.work.reads}`, {
    ...run.options('reads'),
    max: 1,
  })
  return Number(rows[0]?.[0] ?? 0)
}

async function readPage(run: SyncRun, values: readonly string[]): Promise<void> {
  const { match, object, fields } = run.context.sync
  const by = run.context.run.reads_by ?? { field: match.field, unique: matchIsUnique(run) }
  const request = { object, by, values, fields: wantedFields(run), references: referenceReads(fields) }
  for await (const records of run.destination.read(request, run.signal)) await keepRecords(run, 'snapshot', records)
}

export function wantedFields(run: SyncRun): string[] {
  const { match, fields } = run.context.sync
  if (run.context.sync.association !== null) return [match.field]
  return [...new Set([match.field, ...fields.map((field) => field.to)])]
}

export async function keepRecords(run: SyncRun, table: RecordTable, records: readonly CrmRecord[]): Promise<void> {
  if (records.length === 0) return
  const { match, fields } = run.context.sync
  const rows = records.flatMap((record) =>
    run.context.run.reads_by === 'id'
      ? rowsById(record, match.field, fields)
      : snapshotRows(record, match.field, fields),
  )
  if (rows.length === 0) return
  await run.warehouse.append(workRef(run, table), snapshotColumns(fields), rows, run.options('snapshot'))
}

/** Fields whose live value is read as the key it was written by. */
export function referenceReads(fields: readonly ContextField[]): ReferenceRead[] {
  return fields.flatMap(({ to, reference }) => {
    if (reference === null) return []
    const { relationship, object, field: key, polymorphic } = reference
    return [{ field: to, relationship, object, key, polymorphic }]
  })
}

export function matchIsUnique(run: SyncRun): boolean {
  return run.description.find((field) => field.name === run.context.sync.match.field)?.matchable ?? false
}

/** One per value the record answers to. */
function snapshotRows(record: CrmRecord, matchField: string, fields: readonly ContextField[]): TextRow[] {
  const own = record.fields[matchField] ?? null
  const absorbed = record.absorbed === undefined ? null : `;${record.absorbed.join(';')};`
  const live = fields.map((field) => record.fields[field.to] ?? null)
  return (record.askedFor ?? [own]).map((asked) => [asked, record.recordId, own, absorbed, ...live])
}

/** One per id that was asked for: a record that took another one in answers to the id of both. */
function rowsById(record: CrmRecord, matchField: string, fields: readonly ContextField[]): TextRow[] {
  const own = record.fields[matchField] ?? null
  const live = fields.map((field) => record.fields[field.to] ?? null)
  return (record.askedFor ?? [record.recordId]).map((asked) => [asked, record.recordId, own, null, ...live])
}

function requiredText(value: string | null | undefined): string {
  invariant(typeof value === 'string', 'every row to read has a match value')
  return value
}
