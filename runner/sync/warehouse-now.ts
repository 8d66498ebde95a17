import { invariant } from '../errors.ts'
import type { SyncRun } from './sync-run.ts'

/** The moment on the warehouse's clock, as a timestamp cell: the one clock that runs on different machines share. */
export async function warehouseNow(run: Pick<SyncRun, 'environment' | 'warehouse' | 'options'>): Promise<string> {
  const sql = `select ${run.environment.call('sql.now_utc', [])}`
  const rows = await run.warehouse.rows(sql, { ...run.options('clock'), max: 1 })
  const cell = rows[0]?.[0]
  invariant(cell, 'the warehouse tells the time')
  return cell
}
