import type { SyncRun } from './sync-run.ts'

/** Rows of this sync whose last outcome is unknown and that no later plan has settled. */
export async function unresolvedUnknowns(run: SyncRun): Promise<number> {
  const sql = `select count(*) from ${run.context.sync.state} where disposition = 'unknown'`
  const rows = await run.warehouse.rows(sql, { ...run.options('settle'), max: 1 })
  return Number(rows[0]?.[0] ?? 0)
}
