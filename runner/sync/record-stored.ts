/** Stored values that differ from those sent: into the log with the fold of their plan, and as a warning the first time. */
import type { Problem } from '../errors.ts'
import type { AtomicStep } from '../warehouse/warehouse.ts'
import { packageContext, renderPackageModel } from './materialize.ts'
import type { SyncRun } from './sync-run.ts'

/** Part of the fold's own write; what was gathered for the plan is not needed afterwards. */
export function recordStoredSteps(run: SyncRun, planId: string): AtomicStep[] {
  const context = packageContext(run)
  const model = renderPackageModel(run.environment, 'stored', { ...context, run: { ...context.run, plan_id: planId } })
  return [
    ...model.statements,
    `delete from ${run.context.sync.work.stored} where plan_id = '${planId}' and exists (${run.lease.heldQuery})`,
  ]
}

/** Fields that this run is the first to find transformed. */
export async function transformWarnings(run: SyncRun): Promise<Problem[]> {
  const { ledger, plan_id } = run.context.run
  const known = new Set(run.context.sync.fields.filter(({ transforms }) => transforms).map(({ to }) => to))
  const sql = `select distinct field from ${ledger.sync_stored} where plan_id = '${plan_id}' order by field`
  const rows = await run.warehouse.rows(sql, { ...run.options('stored'), max: 10_000 })
  return rows
    .map(([field]) => field ?? '')
    .filter((field) => !known.has(field))
    .map((field) => transformed(run, field))
}

function transformed({ sync }: SyncRun, field: string): Problem {
  const at = sync.fields.find(({ to }) => to === field)?.at ?? sync.at
  return {
    code: 'W-VALUE-TRANSFORMED',
    message: `${sync.name}: the CRM stores ${sync.object}.${field} in another form than it is sent`,
    at,
    help: 'nothing is lost: what it stores is remembered beside what was sent; sending its own form in the model spares the difference',
  }
}
