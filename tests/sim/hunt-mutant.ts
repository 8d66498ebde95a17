/** Seed after seed until a check notices that a mechanism is missing; `first` is tried before seed 1. */
import type { Mutant } from './mutants.ts'
import { scenarioOf } from './scenario.ts'
import { simulate } from './simulate.ts'
import type { Stage } from './variants.ts'

export interface Kill {
  seed: number
  check: string
  what: string
}

export async function hunt(
  stage: Stage,
  { tamper }: Mutant,
  { first, most }: { first: number; most: number },
): Promise<Kill | undefined> {
  for (let seed = 0; seed <= most; seed += 1) {
    const number = seed === 0 ? first : seed
    const [violation] = (await simulate(stage, scenarioOf(number), { tamper })).violations
    if (violation) return { seed: number, ...violation }
  }
  return undefined
}
