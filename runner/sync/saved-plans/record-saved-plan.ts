/** Makes a plan file known to the warehouse, so that an edited or invented one is not, and until when it may be applied. */
import { ledgerRelations } from '../../audit/ledger.ts'
import type { Session } from '../session.ts'
import type { PlanFile, SavedPlan } from './saved-plan.ts'

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

export async function recordSavedPlan(session: Session, file: PlanFile): Promise<void> {
  const options = session.options({ run: session.invocationId, sync: '', step: 'save plan' })
  const statements = file.saved.plans.map((plan) => statementOf(session, file, plan))
  await session.warehouse.atomic(statements, options)
}

/** The file says its moments by the clock of this machine. Another machine goes by the warehouse's, on which they are as long. */
function statementOf(session: Session, { saved, digest }: PlanFile, plan: SavedPlan['plans'][number]): string {
  const { environment, target } = session
  const text = (value: string | null): string =>
    value === null ? environment.call('sql.null_of', ['text']) : environment.call('sql.text_literal', [value])
  const lastsSeconds = Math.round((Date.parse(saved.expires_at) - Date.parse(saved.created_at)) / 1000)
  const cells = [
    ...[digest, plan.plan_id, plan.sync, saved.target, plan.org_id].map(text),
    environment.call('sql.seconds_from_now', [lastsSeconds]),
    ...[saved.planner, saved.git_sha].map(text),
    environment.call('sql.now_utc', []),
  ]
  const { sync_saved_plan } = ledgerRelations(target.schema)
  return environment.call('sql.insert_select', [sync_saved_plan, columns, `select ${cells.join(', ')}`])
}
