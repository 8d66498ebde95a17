/**
 * Simulated worlds from the command line:
 *   --seed N [--trace] [--mutant NAME]   one seed, with its scenario and everything that happens
 *   --seed N --shrink          the smallest scenario that still fails
 *   --seeds COUNT [--from N]   many
 *   --mutants [--most COUNT]   which check kills each mutant, at which seed
 * Ends with 1 when a check fails or a mutant lives.
 */
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { hunt } from './hunt-mutant.ts'
import { mutants } from './mutants.ts'
import { describeBatch, runBatch } from './run-batch.ts'
import { type Scenario, scenarioOf, scenariosFor } from './scenario.ts'
import { simulate } from './simulate.ts'
import { openStage } from './variants.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    mutants: { type: 'boolean', default: false },
    mutant: { type: 'string' },
    most: { type: 'string', default: '2000' },
  },
})

const stage = await openStage()
if (values.seed !== undefined && values.shrink) await smallest(Number(values.seed))
else if (values.seed !== undefined) await oneSeed(Number(values.seed))
else if (values.mutants) await allMutants(Number(values.most))
else await manySeeds({ from: Number(values.from), count: Number(values.seeds) })

async function oneSeed(seed: number): Promise<void> {
  const scenario = scenarioOf(seed)
  const tamper = mutants.find(({ name }) => name === values.mutant)?.tamper
  const verdict = await simulate(stage, scenario, { trace: values.trace, ...(tamper && { tamper }) })
  if (values.trace) print(JSON.stringify(scenario, null, 1), ...verdict.trace)
  for (const { check, what } of verdict.violations) print(`${check}: ${what}`)
  print(
    `seed ${seed} (${scenario.variant}), ${verdict.runs} runs, trace ${verdict.traceHash}: ${verdict.violations.length === 0 ? 'well' : 'NOT WELL'}`,
  )
  if (verdict.violations.length > 0) process.exitCode = 1
}

async function smallest(seed: number): Promise<void> {
  const isWell = async (scenario: Scenario): Promise<boolean> =>
    (await simulate(stage, scenario)).violations.length === 0
  const found = await fc.check(fc.asyncProperty(scenariosFor(seed), isWell), { seed, numRuns: 1 })
  const [scenario] = found.counterexample ?? []
  if (scenario === undefined) return print(`seed ${seed}: well`)
  const { trace, violations } = await simulate(stage, scenario, { trace: true })
  print(JSON.stringify(scenario, null, 1), ...trace, ...violations.map(({ check, what }) => `${check}: ${what}`))
  process.exitCode = 1
}

async function manySeeds(range: { from: number; count: number }): Promise<void> {
  const batch = await runBatch(stage, range)
  print(...describeBatch(batch))
  for (const [what, times] of batch.counters.entries()) print(`${String(times).padStart(9)}  ${what}`)
  if (batch.failures.length > 0) process.exitCode = 1
}

async function allMutants(most: number): Promise<void> {
  for (const mutant of mutants.filter(({ name }) => values.mutant === undefined || name === values.mutant)) {
    const killed = await hunt(stage, mutant, { first: 1, most })
    print(
      `${mutant.name.padEnd(36)}${killed ? `killed by "${killed.check}" at seed ${killed.seed}` : `LIVES after ${most} seeds`}`,
    )
    if (!killed) process.exitCode = 1
  }
}

process.stdout.on('error', () => process.exit(1))

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
