/** Why a saved plan may not be applied any more: every reason by name, before anything is sent. */
import { ledgerRelations } from '../../audit/ledger.ts'
import { invariant, type Problem } from '../../errors.ts'
import type { Sync } from '../../project/project.ts'
import { schemaHash } from '../describe-crm.ts'
import { type ReachedCrm, syncContext } from '../open-sync-run.ts'
import { configHashOf } from '../record-run.ts'
import { appliedRun } from '../run-key.ts'
import type { Session } from '../session.ts'
import type { SyncRun } from '../sync-run.ts'
import type { ApplyContext } from './apply-context.ts'
import { approvalProblems } from './approval.ts'
import { ledgerProblems } from './ledger-problems.ts'
import { blockedGuards } from './plan-guards.ts'
import { stale } from './read-plan-file.ts'
import type { PlanFile, SavedEntry } from './saved-plan.ts'
import { sourceProblems } from './source-problems.ts'

/** Before the first sync begins. */
export async function problemsBefore(
  session: Session,
  request: { file: PlanFile; entry: SavedEntry; sync: Sync; crm: ReachedCrm },
): Promise<Problem[]> {
  const { sync, crm } = request
  // The second attempt of an orchestrator meets its own first one; the run itself says so.
  if (await appliedRun(session, sync)) return []
  const columns = await session.warehouse.columns(session.modelOf(sync).relation)
  invariant(columns, 'the model was checked before')
  const { description, related } = crm
  return applyProblems({
    ...request,
    ...session,
    context: syncContext(session, { sync, columns, description, related }),
    ledger: ledgerRelations(session.target.schema),
    options: (step) => session.options({ run: session.invocationId, sync: sync.name, step }),
  })
}

/** Under the lease: between the first look and now another run may have gone by. */
export function problemsNow(run: SyncRun, file: PlanFile, entry: SavedEntry): Promise<Problem[]> {
  const { context } = run
  return applyProblems({
    ...run,
    file,
    entry,
    crm: run,
    context: context.sync,
    ledger: context.run.ledger,
    runId: context.run.id,
  })
}

async function applyProblems(apply: ApplyContext): Promise<Problem[]> {
  const changed = [...definitionProblems(apply), ...blockedGuards(apply.entry)]
  const recorded = await ledgerProblems(apply)
  const approval = await approvalProblems(apply)
  // Another mapping changes every row; that its source changed too would say nothing.
  const source = changed.length + recorded.length === 0 ? await sourceProblems(apply) : []
  return [...changed, ...recorded, ...approval, ...source].map((problem) => ({ at: apply.sync.at, ...problem }))
}

/** Pure: the sync, its mapping, the CRM's fields and the org, then and now. */
export function definitionProblems({ entry, sync, crm, context }: Omit<ApplyContext, 'file'>): Problem[] {
  const { org } = crm
  const reasons = [
    ...(entry.org_id !== org.orgId || entry.org_env !== org.environment
      ? [
          `the plan is for ${entry.org_id} (${entry.org_env}), the connection reaches ${org.orgId} (${org.environment}) now`,
        ]
      : []),
    ...(entry.config_hash === configHashOf(sync) ? [] : ['the sync file changed since the plan']),
    ...(entry.mapping_hash === context.mapping_hash ? [] : ['the mapping of the fields changed since the plan']),
    ...(entry.crm_schema_hash === schemaHash(sync, crm)
      ? []
      : [`the fields of ${entry.object} or the rights to them changed in the CRM since the plan`]),
  ]
  return reasons.map((reason) => stale(`${sync.name}: ${reason}`))
}
