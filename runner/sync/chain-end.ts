/** Where the chain of a sync or of one run ends in the warehouse. */
import type { ChainEnd } from '../audit/run-log.ts'
import type { SyncRun } from './sync-run.ts'

/**
 * After a write that failed, what it would have appended may or may not be there: the chain goes on from what is. False when
 * nothing of the run is: it has not begun, and needs no end.
 */
export async function resumeChain(run: SyncRun): Promise<boolean> {
  const end = await chainEnd(run, run.context.run.id)
  if (end.chainNo > 0) run.log.resume(end)
  return end.chainNo > 0
}

export async function chainEnd(
  run: Pick<SyncRun, 'warehouse' | 'options' | 'context'>,
  runId: string,
): Promise<ChainEnd> {
  const sql = `select chain_no, hash from ${run.context.run.ledger.sync_run_event} where run_id = '${runId}' order by chain_no desc limit 1`
  const rows = await run.warehouse.rows(sql, { ...run.options('chain'), max: 1 })
  return { chainNo: Number(rows[0]?.[0] ?? 0), hash: rows[0]?.[1] ?? '' }
}
