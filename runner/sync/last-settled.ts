/** The run of a sync whose plan was folded into state last. */
import type { SyncRun } from './sync-run.ts'

export interface SettledRun {
  orgId: string
  mappingHash: string
  /** Absent in runs of older versions. */
  primaryKey?: string
}

/** Against any organisation. */
export async function lastSettledRun(run: SyncRun): Promise<SettledRun | undefined> {
  const { ledger, id } = run.context.run
  const sql = `select r.org_id, r.mapping_hash, r.primary_key from ${ledger.sync_run} as r
join ${ledger.sync_plan} as p on p.plan_id = r.plan_id
join ${ledger.sync_run_event} as e on e.run_id = r.run_id and e.event in ('succeeded', 'partial', 'failed', 'interrupted', 'crashed')
where r.kind = 'run' and r.sync_name = '${run.sync.name}' and r.run_id <> '${id}'
order by r.started_at desc, r.epoch desc limit 1`
  const [row] = await run.warehouse.rows(sql, { ...run.options('start'), max: 1 })
  if (row === undefined) return undefined
  const [orgId, mappingHash, primaryKey] = row
  return { orgId: orgId ?? '', mappingHash: mappingHash ?? '', ...(primaryKey ? { primaryKey } : {}) }
}
