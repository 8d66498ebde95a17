import { beforeAll, expect, test } from 'vitest'
import { hunt } from './hunt-mutant.ts'
import { mutants } from './mutants.ts'
import { openStage, type Stage } from './variants.ts'

/** The seed that kills each mutant, as `npm run sim -- --mutants` prints it; others are tried when the worlds have changed. */
const killedAt: Readonly<Record<string, number>> = {
  'lease taken while held': 4,
  'no lease check': 131,
  'no intent': 1,
  'success told before it is sent': 1,
  'unknown counts as success': 3,
  'unknown is sent again': 3,
  'results lost': 1,
  'orphans not marked': 52,
  'orphans taken for unsent': 52,
  'recovery skipped': 52,
  'no settle time': 78,
  'unknown rows go at once': 78,
  'fold takes the oldest': 19,
  'unknown is folded as acknowledged': 43,
  'sent is done': 3,
  'nothing is folded': 1,
  'live values not read': 2,
  'a field too many in the body': 1,
  'plan without a header': 1,
}

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})

test('every mutant is listed with its seed', () => {
  expect(Object.keys(killedAt).sort()).toEqual(mutants.map(({ name }) => name).sort())
})

test.each(mutants)(
  'without "$without" a check fails',
  async (mutant) => {
    const killed = await hunt(stage, mutant, { first: killedAt[mutant.name] ?? 1, most: 1_000 })
    expect(killed, `${mutant.name} lives: npm run sim -- --mutants --mutant "${mutant.name}"`).toBeDefined()
  },
  600_000,
)
