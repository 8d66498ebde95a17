/** Looks up the records that rows are to be associated with, by their key, and notes their ids beside the plan. */
import { invariant } from '../../errors.ts'
import { materialize } from '../materialize.ts'
import { workRef } from '../snapshot-crm.ts'
import type { SyncRun } from '../sync-run.ts'

const pageSize = 5_000
const columns = ['target_key', 'record_id'] as const

/** Returns the calls that finding them again will take. */
export async function findTargets(run: SyncRun): Promise<number> {
  const { association, work } = run.context.sync
  if (association === null) return 0
  const statements = [
    run.environment.call('sql.drop_table', [work.targets]),
    run.environment.call('sql.create_table', [work.targets, columns.map((name) => ({ name, kind: 'text' }))]),
  ]
  await run.warehouse.atomic(statements, run.options('targets'))
  await materialize(run, ['wanted'])
  const [counted] = await run.warehouse.rows(`select count(*) from ${work.wanted}`, {
    ...run.options('targets'),
    max: 1,
  })
  const total = Number(counted?.[0] ?? 0)
  for (let from = 1; from <= total; from += pageSize) {
    const to = Math.min(from + pageSize - 1, total)
    const page = await run.warehouse.page(workRef(run, 'wanted'), ['target_key'], { from, to }, run.options('targets'))
    await run.warehouse.release()
    await readTargets(
      run,
      page.map(([key]) => requiredText(key)),
    )
    run.progress(`looked for ${association.to}`, to, total)
  }
  return Math.ceil(total / run.traits.readBatchSize.unique)
}

async function readTargets(run: SyncRun, values: readonly string[]): Promise<void> {
  const { association } = run.context.sync
  invariant(association, 'targets are read for an association')
  const { to: object, key: field } = association
  const request = { object, by: { field, unique: true }, values, fields: [field] }
  for await (const records of run.destination.read(request, run.signal)) {
    const rows = records.flatMap(({ askedFor, fields, recordId }) =>
      (askedFor ?? [fields[field] ?? null]).map((key) => [key, recordId]),
    )
    if (rows.length > 0) await run.warehouse.append(workRef(run, 'targets'), columns, rows, run.options('targets'))
  }
  await run.lease.confirm()
}

function requiredText(value: string | null | undefined): string {
  invariant(typeof value === 'string', 'every wanted record has a key')
  return value
}
