/**
 * Looks for records that hold a row's value without its key, and notes them beside the plan. Which ones comes from an index
 * that may be seconds old; what they hold is read again by id, which is not.
 */
import type { CrmRecord } from '../../destination/destination.ts'
import { BackfeedError, invariant } from '../../errors.ts'
import type { TextRow } from '../../warehouse/warehouse.ts'
import { materialize } from '../materialize.ts'
import { workRef } from '../snapshot-crm.ts'
import { descriptionResolver } from '../sync-context.ts'
import type { SyncRun } from '../sync-run.ts'
import type { TwinLookup } from './twin-lookup.ts'

const pageSize = 5_000
/** `record_id` is null for a value that no search can tell the records of: they count as several. */
const columns = ['twin_value', 'record_id', 'twin_key'] as const

/** Returns the calls that finding them again will take. Nothing is asked for a sync without such a look. */
export async function findTwins(run: SyncRun): Promise<number> {
  const { twins } = run.context.sync
  if (twins === null) return 0
  await createTwins(run)
  await materialize(run, ['lookups'])
  const total = await countLookups(run)
  let found = 0
  for (let from = 1; from <= total; from += pageSize) {
    const to = Math.min(from + pageSize - 1, total)
    const page = await run.warehouse.page(workRef(run, 'lookups'), ['value'], { from, to }, run.options('lookups'))
    await run.warehouse.release()
    const values = page.map(([value]) => requiredText(value))
    for await (const ids of idChunks(run, recordsWith(run, twins, values))) found += await keepTwins(run, twins, ids)
    run.progress(`looked for ${twins.field}`, to, total)
  }
  const { search, unique } = run.traits.readBatchSize
  return Math.ceil(total / search) + Math.ceil(found / unique)
}

async function createTwins(run: SyncRun): Promise<void> {
  const relation = run.context.sync.work.twins
  const statements = [
    run.environment.call('sql.drop_table', [relation]),
    run.environment.call('sql.create_table', [relation, columns.map((name) => ({ name, kind: 'text' }))]),
  ]
  await run.warehouse.atomic(statements, run.options('twins'))
}

async function countLookups(run: SyncRun): Promise<number> {
  const sql = `select count(*) from ${run.context.sync.work.lookups}`
  const rows = await run.warehouse.rows(sql, { ...run.options('lookups'), max: 1 })
  return Number(rows[0]?.[0] ?? 0)
}

/** A search that the CRM does not answer in full is cut in two, until it is known which value it fails for. */
async function* recordsWith(
  run: SyncRun,
  twins: TwinLookup,
  values: readonly string[],
): AsyncGenerator<readonly CrmRecord[]> {
  const unique = descriptionResolver(run.description)(twins.field)?.matchable ?? false
  const request = { object: run.context.sync.object, by: { field: twins.field, unique }, values, fields: [twins.field] }
  try {
    yield* run.destination.read(request, run.signal)
  } catch (error) {
    if (!(error instanceof BackfeedError) || error.code !== 'E-CRM-SEARCH') throw error
    if (values.length < 2) return append(run, [[values[0] ?? null, null, null]])
    const half = Math.ceil(values.length / 2)
    yield* recordsWith(run, twins, values.slice(0, half))
    yield* recordsWith(run, twins, values.slice(half))
  }
}

async function* idChunks(run: SyncRun, pages: AsyncIterable<readonly CrmRecord[]>): AsyncGenerator<string[]> {
  let ids: string[] = []
  for await (const page of pages) {
    ids.push(...page.map((record) => record.recordId))
    while (ids.length >= run.traits.readBatchSize.unique) {
      yield ids.slice(0, run.traits.readBatchSize.unique)
      ids = ids.slice(run.traits.readBatchSize.unique)
    }
  }
  if (ids.length > 0) yield ids
}

/** A record that is gone since is absent; one that was merged answers with the record that took it in. */
async function keepTwins(run: SyncRun, { field }: TwinLookup, ids: readonly string[]): Promise<number> {
  const { object, match } = run.context.sync
  const request = { object, by: 'id' as const, values: ids, fields: [field, match.field] }
  for await (const records of run.destination.read(request, run.signal)) {
    const rows = records.map((record) => [
      record.fields[field] ?? null,
      record.recordId,
      record.fields[match.field] ?? null,
    ])
    await append(run, rows)
  }
  await run.lease.confirm()
  return ids.length
}

async function append(run: SyncRun, rows: readonly TextRow[]): Promise<void> {
  if (rows.length > 0) await run.warehouse.append(workRef(run, 'twins'), columns, rows, run.options('twins'))
}

function requiredText(value: string | null | undefined): string {
  invariant(typeof value === 'string', 'every lookup has a value')
  return value
}
