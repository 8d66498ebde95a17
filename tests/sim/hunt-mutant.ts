/** Seed after seed until a check notices that a mechanism is missing. */
import type { Mutant } from './mutants.ts'
import { scenarioOf } from './scenario.ts'
import { simulate } from './simulate.ts'
import type { Stage } from './variants.ts'

export interface Kill {
  seed: number
  check: string
  what: string
}

export async function hunt(stage: Stage, { tamper }: Mutant, most: number): Promise<Kill | undefined> {
  for (let seed = 1; seed <= most; seed += 1) {
    const { violations } = await simulate(stage, scenarioOf(seed), { tamper })
    const [first] = violations
    if (first) return { seed, ...first }
  }
  return undefined
}
