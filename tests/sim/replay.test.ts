import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { packageDir } from '../../runner/package-dir.ts'
import { scenarioOf } from './scenario.ts'
import { simulate } from './simulate.ts'
import { openStage, type Stage } from './variants.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})

test('a seed is the same world every time, byte for byte', async () => {
  for (const seed of [11, 260, 408, 1_001, 1_002, 1_003, 1_004, 1_005]) {
    const first = await simulate(stage, scenarioOf(seed), { trace: true })
    const second = await simulate(stage, scenarioOf(seed), { trace: true })
    expect(second.trace).toEqual(first.trace)
    expect(second.traceHash).toBe(first.traceHash)
  }
}, 300_000)

test('different seeds are different worlds', async () => {
  const hashes = new Set<string>()
  for (const seed of [1, 2, 3, 4, 5]) hashes.add((await simulate(stage, scenarioOf(seed))).traceHash)
  expect(hashes.size).toBe(5)
}, 300_000)

describe('seeds that once found a defect', () => {
  const lines = readFileSync(join(packageDir(), 'tests/sim/regressions.txt'), 'utf8').split('\n')
  const seeds = lines
    .flatMap((line) => /^(\d+) +(.*)$/.exec(line)?.slice(1, 3) ?? [])
    .reduce<[string, string][]>(pairs, [])
  test.each(seeds)(
    '%s: %s',
    async (seed) => {
      expect((await simulate(stage, scenarioOf(Number(seed)))).violations).toEqual([])
    },
    60_000,
  )
})

function pairs(made: [string, string][], cell: string, index: number): [string, string][] {
  const last = made.at(-1)
  if (index % 2 === 0 || last === undefined) made.push([cell, ''])
  else last[1] = cell
  return made
}
