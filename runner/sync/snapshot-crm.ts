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
  await createSnapshot(run)
  const total = await countReads(run)
  for (let from = 1; from <= total; from += pageSize) {
    const to = Math.min(from + pageSize - 1, total)
    const page = await run.warehouse.page(workRef(run, 'reads'), ['match_value'], { from, to }, run.options('reads'))
    await run.warehouse.release()
    await readPage(
      run,
      page.map(([value]) => requiredText(value)),
    )
    run.progress('read live values', to, total)
  }
  return total
}

export function workRef(run: SyncRun, table: keyof SyncRun['context']['sync']['work']): TableRef {
  return { schema: run.target.schema, name: `${table}_${run.sync.name}` }
}

async function createSnapshot(run: SyncRun): Promise<void> {
  const relation = run.context.sync.work.snapshot
  const columns = snapshotColumns(run.context.sync.fields).map((name) => ({ name, kind: 'text' }))
  const statements = [
    run.environment.call('sql.drop_table', [relation]),
    run.environment.call('sql.create_table', [relation, columns]),
  ]
  await run.warehouse.atomic(statements, run.options('snapshot'))
}

function snapshotColumns(fields: readonly ContextField[]): string[] {
  return ['match_value', 'record_id', ...fields.map((field) => `live_${field.slug}`)]
}

export async function countReads(run: SyncRun): Promise<number> {
  const rows = await run.warehouse.rows(`select count(*) from ${run.context.sync.work.reads}`, {
    ...run.options('reads'),
    max: 1,
  })
  return Number(rows[0]?.[0] ?? 0)
}

async function readPage(run: SyncRun, values: readonly string[]): Promise<void> {
  const { match, fields, object } = run.context.sync
  const columns = snapshotColumns(fields)
  const request = {
    object,
    by: { field: match.field, unique: matchIsUnique(run) },
    values,
    fields: [...new Set([match.field, ...fields.map((field) => field.to)])],
    references: referenceReads(fields),
  }
  for await (const records of run.destination.read(request, run.signal)) {
    if (records.length === 0) continue
    const rows = records.map((record) => snapshotRow(record, match.field, fields))
    await run.warehouse.append(workRef(run, 'snapshot'), columns, rows, run.options('snapshot'))
  }
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

function snapshotRow(record: CrmRecord, matchField: string, fields: readonly ContextField[]): TextRow {
  return [record.fields[matchField] ?? null, record.recordId, ...fields.map((field) => record.fields[field.to] ?? null)]
}

function requiredText(value: string | null | undefined): string {
  invariant(typeof value === 'string', 'every row to read has a match value')
  return value
}
