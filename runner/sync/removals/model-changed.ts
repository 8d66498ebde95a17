import type { Sync } from '../../project/project.ts'
import type { StatementOptions } from '../../warehouse/warehouse.ts'
import type { Session } from '../session.ts'
import type { RunContext } from '../sync-run.ts'

export interface LastModelRequest {
  sync: Sync
  ledger: RunContext['ledger']
  orgId: string
  options: (step: string) => StatementOptions
}

/** Is the model another one than in the last run that was folded into state? Plans and refused runs fold nothing. */
export async function modelChanged(session: Session, request: LastModelRequest): Promise<boolean> {
  const { sync, ledger, orgId, options } = request
  if (sync.onRemoved.action === 'nothing') return false
  const sql = `select r.model_hash from ${ledger.sync_run} as r
join ${ledger.sync_run_event} as e on e.run_id = r.run_id and e.event in ('succeeded', 'partial', 'failed', 'interrupted', 'crashed')
where r.kind = 'run' and r.sync_name = '${sync.name}' and r.org_id = '${orgId}' and coalesce(r.purpose, 'sync') = 'sync'
order by r.epoch desc limit 1`
  const [row] = await session.warehouse.rows(sql, { ...options('model'), max: 1 })
  return row !== undefined && (row[0] ?? undefined) !== session.modelHashOf(sync)
}
