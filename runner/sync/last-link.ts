/** Where the chain of a run's events ends in the log, whatever the process that wrote it believes. */
import type { ChainLink } from '../audit/run-log.ts'
import { isTerminal } from './settle-run.ts'
import type { SyncRun } from './sync-run.ts'

export interface LastLink extends ChainLink {
  /** The run has said how it ended. */
  isEnd: boolean
}

export async function lastLink(run: SyncRun, runId: string): Promise<LastLink> {
  const sql = `select chain_no, hash, event from ${run.context.run.ledger.sync_run_event} where run_id = '${runId}' order by chain_no desc limit 1`
  const rows = await run.warehouse.rows(sql, { ...run.options('chain'), max: 1 })
  const [no, hash, event] = rows[0] ?? []
  return { no: Number(no ?? 0), hash: hash ?? '', isEnd: isTerminal(event ?? '') }
}
