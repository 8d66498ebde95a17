/** What this run may do about rows that left the model: decided before they are looked at, by facts about the run. */
import { sha256 } from '../../audit/run-log.ts'
import type { Project, Sync } from '../../project/project.ts'
import type { Purpose } from '../purpose.ts'
import type { Session } from '../session.ts'
import { timestampOf } from '../settle-run.ts'
import type { Allowance } from '../sync-run.ts'
import { upstreamModels } from '../upstream-models.ts'

/** As templates see it. */
export interface RemovalLimits {
  /** The run is for something else: nothing is removed in it; null: it may be. */
  blocks_all: string | null
  /** Why no record may be deleted in this run, whatever its row says; null: records may be. */
  blocks_deletes: string | null
  /** SQL literal, UTC: a row that has been missed since then may be deleted. */
  missed_before: string
  /** The model is another one than in the last run that ended: what is gone now was filtered out, it did not leave. */
  model_changed: boolean
}

const longEnoughMs = 24 * 3_600_000

export interface RemovalRequest {
  sync: Sync
  allowance: Allowance
  purpose: Pick<Purpose, 'name' | 'readsSource'>
  nowMs: number
  environment: Session['environment']
  modelChanged: boolean
}

export function removalLimits({
  sync,
  allowance,
  purpose,
  nowMs,
  environment,
  modelChanged,
}: RemovalRequest): RemovalLimits {
  return {
    blocks_all: purpose.readsSource || purpose.name === 'apply' ? null : 'removal:later',
    // What a saved plan may delete was decided when it was made.
    blocks_deletes: purpose.name === 'apply' ? null : blockOfDeletes(sync, allowance),
    missed_before: timestampOf({ environment }, new Date(nowMs - longEnoughMs).toISOString()),
    model_changed: modelChanged,
  }
}

/** Pure. A raised source guard is one that was not green. */
export function blockOfDeletes({ guards }: Pick<Sync, 'guards'>, { limits, reason }: Allowance): string | null {
  const { maxDeletes } = guards
  const budget = 'count' in maxDeletes ? maxDeletes.count : maxDeletes.percent
  const allowed = reason === undefined ? 0 : (limits.deletes ?? 0)
  if (budget === 0 && allowed === 0) return 'delete:no_budget'
  return limits.shrink === undefined && limits.empty === undefined ? null : 'delete:source_guard_raised'
}

/** Over the text of the models a sync reads, the macros and the vars they may use. Undefined for a table that others fill. */
export function modelHash(
  project: Project,
  models: Parameters<typeof upstreamModels>[0],
  sync: Sync,
): string | undefined {
  const texts = upstreamModels(models, [sync]).map(({ name }) => [name, project.models.get(name)?.text ?? ''])
  if (texts.length === 0) return undefined
  const macros = project.macroFiles.map(({ file, text }) => [file, text])
  return sha256(JSON.stringify([texts, macros, project.vars])).slice(0, 16)
}
