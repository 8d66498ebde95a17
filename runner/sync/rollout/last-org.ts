/** Which organisation a sync reached last on a target; verbs that only write into the warehouse need not ask the CRM. */
import { BackfeedError } from '../../errors.ts'
import type { Sync, Target } from '../../project/project.ts'
import type { StatementOptions, Warehouse } from '../../warehouse/warehouse.ts'

export interface LastOrgRequest {
  warehouse: Pick<Warehouse, 'rows'>
  schema: string
  target: Pick<Target, 'name'>
  options: (step: string) => StatementOptions
}

/** @throws BackfeedError E-ROLLOUT-ORG when it has never been planned. */
export async function lastOrg({ warehouse, schema, target, options }: LastOrgRequest, sync: Sync): Promise<string> {
  const sql = `select org_id from ${schema}.sync_run where sync_name = '${sync.name}' and target = '${target.name}' order by started_at desc limit 1`
  const [row] = await warehouse.rows(sql, { ...options('org'), max: 1 })
  if (row?.[0]) return row[0]
  throw new BackfeedError({
    code: 'E-ROLLOUT-ORG',
    message: `sync ${sync.name} has not reached a CRM on target ${target.name} yet`,
    at: sync.at,
    help: `phases are counted per organisation: run backfeed plan -s ${sync.name} first`,
  })
}
