/** What is looked at before a saved plan is applied, and how the log is asked about it. */
import type { LedgerTable } from '../../audit/ledger.ts'
import type { TemplateEnvironment } from '../../compile/compile.ts'
import type { OrgIdentity } from '../../destination/destination.ts'
import type { Sync, Target } from '../../project/project.ts'
import type { StatementOptions, TextRow, Warehouse } from '../../warehouse/warehouse.ts'
import type { CrmSchema } from '../describe-crm.ts'
import type { SyncContext } from '../sync-context.ts'
import type { PlanFile, SavedEntry } from './saved-plan.ts'

/** One sync as it is now, beside what the plan file says about it. */
export interface ApplyContext {
  file: PlanFile
  entry: SavedEntry
  sync: Sync
  crm: CrmSchema & { org: OrgIdentity }
  context: SyncContext
  target: Target
  warehouse: Warehouse
  environment: TemplateEnvironment
  ledger: Record<LedgerTable, string>
  options: (step: string) => StatementOptions
  /** The run that asks, once there is one. */
  runId?: string
}

export async function ask(
  apply: Pick<ApplyContext, 'warehouse' | 'options'>,
  step: string,
  sql: string,
): Promise<TextRow[]> {
  return [...(await apply.warehouse.rows(sql, { ...apply.options(step), max: 1_000 }))]
}
