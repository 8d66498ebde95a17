/** What a run may be for beside sending what the model wants: the verbs of the command line that open a sync run. */
import { BackfeedError, ExitCode } from '../../runner/errors.ts'
import { driftPurpose, repairPurpose } from '../../runner/sync/drift-purpose.ts'
import type { SyncResult } from '../../runner/sync/execute-sync.ts'
import type { Purpose } from '../../runner/sync/purpose.ts'
import { reconcilePurpose } from '../../runner/sync/reconcile.ts'
import { revertPurpose } from '../../runner/sync/revert/revert-purpose.ts'
import { applyPurpose } from '../../runner/sync/saved-plans/apply-purpose.ts'
import { readPlanFile } from '../../runner/sync/saved-plans/read-plan-file.ts'
import { recordSavedPlan } from '../../runner/sync/saved-plans/record-saved-plan.ts'
import { FORMAT } from '../../runner/sync/saved-plans/saved-plan.ts'
import { savedPlanOf } from '../../runner/sync/saved-plans/saved-plan-of.ts'
import { sealPlan } from '../../runner/sync/saved-plans/seal-plan.ts'
import type { Session } from '../../runner/sync/session.ts'
import { syncPurpose } from '../../runner/sync/sync-purpose.ts'
import { toolVersion } from '../../runner/tool-version.ts'
import type { Errand, RunStep } from './scenario.ts'
import type { RunRecord, World } from './world.ts'

const planning: readonly Errand[] = ['save', 'drift', 'preview revert']

export function verbOf({ verb, errand }: RunStep): 'plan' | 'run' {
  if (errand === undefined) return verb
  return planning.includes(errand) ? 'plan' : 'run'
}

/** Decided as the run starts. @throws BackfeedError when the plan file says of itself that it cannot be applied. */
export function purposeOf(world: World, { errand, pick, waits }: RunStep): Purpose {
  switch (errand) {
    case 'apply': {
      const text = world.planFiles.at(-pick) ?? world.planFiles.at(-1)
      const nowMs = world.scheduler.nowMs
      const about = { path: 'plan.json', nowMs, toolVersion: toolVersion(), auditKey: '', target: 'sim' }
      return text === undefined ? syncPurpose : applyPurpose(readPlanFile({ text, ...about }))
    }
    case 'revert':
    case 'preview revert': {
      const senders = new Set(world.crm.requests.map(({ by }) => by))
      const runs = world.runs.flatMap(({ runId, process }) => (runId && senders.has(process.name) ? [runId] : []))
      const runId = runs.at(-pick) ?? runs.at(-1)
      return runId === undefined ? syncPurpose : revertPurpose({ runId })
    }
    case 'drift':
      return driftPurpose
    case 'repair':
      return repairPurpose
    case 'reconcile':
      return reconcilePurpose({ waits })
    default:
      return syncPurpose
  }
}

/** As before the first sync of a command; a run that its purpose refuses never begins. */
export async function refuseBefore(
  session: Session,
  request: Parameters<NonNullable<Purpose['check']>>[1],
): Promise<void> {
  const problems = (await session.purpose.check?.(session, request)) ?? []
  if (problems.length > 0) throw new BackfeedError(problems, { exitCode: ExitCode.refused })
}

const dayMs = 86_400_000

/** The text of the plan file, once the warehouse knows it. */
export async function savePlan(session: Session, result: SyncResult): Promise<string | undefined> {
  const saved = savedPlanOf(session, [result], { expiresInMs: dayMs })
  if (saved === undefined) return undefined
  const { document, digest } = sealPlan({ format: FORMAT, saved }, session.auditKey)
  await recordSavedPlan(session, { saved, digest })
  return JSON.stringify(document)
}

/** What came of it, for the counters: that a verb ran proves nothing unless it also did something. */
export function countErrand(world: World, { step, result, error }: RunRecord): void {
  const { errand } = step
  if (errand === undefined) return
  world.counters.add(`${errand}: ${error?.code ?? result?.status}`)
  const { counts } = result?.plan ?? {}
  if (errand === 'drift' && (counts?.drift ?? 0) > 0) world.counters.add('drift: found')
  if ((errand === 'revert' || errand === 'repair' || errand === 'apply') && (result?.totals?.succeeded ?? 0) > 0)
    world.counters.add(`${errand}: wrote`)
}
