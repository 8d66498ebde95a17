/** Makes a plan file known to the warehouse, so that an edited or invented one is not. */
import type { Session } from '../session.ts'
import type { PlanFile } from './saved-plan.ts'

const columns = [
  'file_digest',
  'plan_id',
  'sync_name',
  'target',
  'org_id',
  'expires_at',
  'planner',
  'git_sha',
  'logged_at',
]

export async function recordSavedPlan(session: Session, { saved, digest }: PlanFile): Promise<void> {
  const rows = saved.plans.map(({ plan_id, sync, org_id }) => [
    digest,
    plan_id,
    sync,
    saved.target,
    org_id,
    saved.expires_at,
    saved.planner,
    saved.git_sha,
    saved.created_at,
  ])
  const table = { schema: session.target.schema, name: 'sync_saved_plan' }
  const options = session.options({ run: session.invocationId, sync: '', step: 'save plan' })
  await session.warehouse.atomic([{ table, columns, rows }], options)
}
