/** What a plan file holds about one command. Undefined unless every sync was planned: half a plan must not look like one. */
import { toolVersion } from '../../tool-version.ts'
import type { SyncResult } from '../execute-sync.ts'
import type { Session } from '../session.ts'
import type { SavedPlan } from './saved-plan.ts'

export function savedPlanOf(
  session: Session,
  syncs: readonly SyncResult[],
  { expiresInMs }: { expiresInMs: number },
): SavedPlan | undefined {
  const plans = syncs.flatMap(({ saved }) => (saved === undefined ? [] : [saved]))
  if (plans.length === 0 || plans.length < syncs.length) return undefined
  const nowMs = session.ports.clock.nowMs()
  return {
    tool_version: toolVersion(),
    project: session.project.name,
    target: session.target.name,
    planner: session.actor,
    git_sha: session.gitSha ?? null,
    created_at: new Date(nowMs).toISOString(),
    expires_at: new Date(nowMs + expiresInMs).toISOString(),
    allow_reason: session.allowance.reason ?? null,
    plans,
  }
}
