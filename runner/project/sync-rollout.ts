/** A sync that reaches its rows in phases. Which phase is active is said by the warehouse, not by the file. */
import type { Position } from '../errors.ts'

export interface Rollout {
  /** In order; a row of an earlier phase stays in the later ones. */
  phases: readonly RolloutPhase[]
  /** What is hashed with the key: another salt makes another sample. */
  salt: string
  advanceAfter?: { runs: number; maxErrorPercent: number }
  at: Position
}

/** keys ∪ (where ∧ sample); with none of them, every row. */
export interface RolloutPhase {
  name: string
  /** SQL condition over the columns of the model. */
  where?: string
  whereAt?: Position
  /** Share of the keys, to the hundredth of a percent. */
  samplePercent?: number
  /** As the model spells them: text of one column, or the JSON list of several. */
  keys?: readonly string[]
  at: Position
}

export function holdsEveryRow(phase: RolloutPhase): boolean {
  const { where, samplePercent = 100, keys } = phase
  return where === undefined && samplePercent >= 100 && keys === undefined
}
