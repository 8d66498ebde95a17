/** Reads, by record id, the live values of the rows that left the model and are due; nothing else tells what may be removed. */
import { invariant } from '../../errors.ts'
import { materialize } from '../materialize.ts'
import { createRecordTable, keepRecords, referenceReads, wantedFields, workRef } from '../snapshot-crm.ts'
import type { SyncRun } from '../sync-run.ts'

const pageSize = 5_000

/** Returns the number of records that were asked for. */
export async function readRemovals(run: SyncRun): Promise<number> {
  const { removal, work, object, fields } = run.context.sync
  if (removal === null || run.purpose.name === 'revert') return 0
  await materialize(run, ['removals'])
  await createRecordTable(run, 'removal_records')
  const sql = `select count(*) from ${work.removals} where waits is null`
  const [row] = await run.warehouse.rows(sql, { ...run.options('removals'), max: 1 })
  const total = Number(row?.[0] ?? 0)
  for (let from = 1; from <= total; from += pageSize) {
    const to = Math.min(from + pageSize - 1, total)
    const page = await run.warehouse.page(workRef(run, 'removals'), ['crm_id'], { from, to }, run.options('removals'))
    await run.warehouse.release()
    const request = { object, by: 'id' as const, values: page.map(([id]) => idOf(id)), fields: wantedFields(run) }
    const records = run.destination.read({ ...request, references: referenceReads(fields) }, run.signal)
    for await (const some of records) await keepRecords(run, 'removal_records', some)
    run.progress('read records of rows that left', to, total)
  }
  return total
}

function idOf(cell: string | null | undefined): string {
  invariant(typeof cell === 'string', 'a record that is removed has an id')
  return cell
}
