/** The active phase of a rollout as the templates of a sync see it. Pure. */
import { invariant } from '../../errors.ts'
import type { Sync } from '../../project/project.ts'
import { holdsEveryRow, type RolloutPhase } from '../../project/sync-rollout.ts'

export interface ContextRollout {
  /** Name of the active phase. */
  phase: string
  /** Why a row outside waits. */
  reason: string
  salt: string
  /** Of the active phase and those before it; a row is in when one of them holds it. */
  steps: ContextStep[]
  /** Of a row outside: the expressions of its fingerprint and what tells it from a row inside. */
  fingerprint: string[]
}

/** keys ∪ (where ∧ bucket below), as far as each is given. */
export interface ContextStep {
  where: string | null
  /** Of 10,000 buckets. */
  below: number | null
  keys: readonly string[] | null
}

/** Null where every row is in: without a rollout, or in a phase that holds all. `phase` is the active one, by default the first. */
export function contextRollout(
  { rollout }: Pick<Sync, 'rollout'>,
  { phase, fingerprint }: { phase?: string | undefined; fingerprint: readonly string[] },
): ContextRollout | null {
  if (rollout === undefined) return null
  const last = phase === undefined ? 0 : rollout.phases.findIndex(({ name }) => name === phase)
  invariant(last >= 0, 'the active phase stands in the file')
  const phases = rollout.phases.slice(0, last + 1)
  const active = phases.at(-1)
  if (active === undefined || phases.some(holdsEveryRow)) return null
  const reason = `rollout:${active.name}`
  return {
    phase: active.name,
    reason,
    salt: rollout.salt,
    steps: phases.filter((one, index) => !isPart(one, phases.slice(index + 1))).map(contextStep),
    // A bare literal has no type that Postgres can hash.
    fingerprint: [...fingerprint, `cast('${reason}' as varchar(80))`],
  }
}

/** A sample of fewer keys is part of a later one of more. */
function isPart(phase: RolloutPhase, later: readonly RolloutPhase[]): boolean {
  return (
    isSample(phase) &&
    later.some((other) => isSample(other) && (other.samplePercent ?? 0) >= (phase.samplePercent ?? 0))
  )
}

function isSample({ where, keys, samplePercent }: RolloutPhase): boolean {
  return where === undefined && keys === undefined && samplePercent !== undefined
}

function contextStep({ where, samplePercent, keys }: RolloutPhase): ContextStep {
  const below = samplePercent === undefined || samplePercent >= 100 ? null : Math.round(samplePercent * 100)
  return { where: where ?? null, below, keys: keys ?? null }
}
