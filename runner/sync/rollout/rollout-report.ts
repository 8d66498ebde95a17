/** What a plan says about its rollout: which phase, how many rows it reaches, what is missing for the next. */
import type { RolloutLine } from '../../output/plan-report.ts'
import type { SyncRun } from '../sync-run.ts'
import { progressOf } from './advance-rollout.ts'

/** Undefined without a rollout, and for a plan whose rows do not come from the model. */
export async function reportRollout(run: SyncRun): Promise<RolloutLine | undefined> {
  const { rollout } = run
  if (rollout === undefined || !run.purpose.readsSource) return undefined
  const { name, place, of, next, paused } = rollout
  const progress = await progressOf(run)
  return {
    phase: name,
    place,
    of,
    paused,
    outside: await countOutside(run),
    ...(next !== undefined && { next }),
    ...(progress && { goodRuns: progress.goodRuns, neededRuns: progress.neededRuns, hasSent: progress.hasSent }),
  }
}

async function countOutside(run: SyncRun): Promise<number> {
  const { rollout, work } = run.context.sync
  if (rollout === null) return 0
  const sql = `select count(*) from ${work.source} where not in_rollout`
  const rows = await run.warehouse.rows(sql, { ...run.options('count'), max: 1 })
  return Number(rows[0]?.[0] ?? 0)
}
