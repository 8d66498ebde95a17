import type { SyncRun } from './sync-run.ts'

/** Rows of this sync whose last outcome is unknown and that no later plan has settled. */
export async function unresolvedUnknowns(run: SyncRun): Promise<number> {
  const sql = `select count(*) from ${run.context.sync.state} where disposition = 'unknown'`
  const rows = await run.warehouse.rows(sql, { ...run.options('settle'), max: 1 })
  return Number(rows[0]?.[0] ?? 0)
}

/**
 * The same as the fold of this run's plan will leave it, for a run whose own rows all went well: what the fold writes is settled,
 * what is held until its outcome is known stays.
 */
export async function unknownsAfterFold(run: SyncRun): Promise<number> {
  if ((await unresolvedUnknowns(run)) === 0) return 0
  const { state, work } = run.context.sync
  const sql = `select count(*) from ${state} where disposition = 'unknown' and row_key not in (
  select row_key from ${work.changes} where row_key is not null and plan_id = '${run.context.run.plan_id}' and decision <> 'kept' and not (decision = 'held' and reason = 'outcome_unknown'))`
  const rows = await run.warehouse.rows(sql, { ...run.options('settle'), max: 1 })
  return Number(rows[0]?.[0] ?? 0)
}
