/** Many seeds, one after another, with what failed and what happened how often. */
import { Counters } from './counters.ts'
import { scenarioOf } from './scenario.ts'
import { simulate } from './simulate.ts'
import type { Stage } from './variants.ts'

export interface Failure {
  seed: number
  variant: string
  check: string
  what: string
}

export interface Batch {
  seeds: number
  runs: number
  seconds: number
  failures: readonly Failure[]
  counters: Counters
}

export function seedsFrom({ from, count }: { from: number; count: number }): number[] {
  return Array.from({ length: count }, (_, index) => from + index)
}

export async function runBatch(stage: Stage, range: { from: number; count: number }): Promise<Batch> {
  const startedMs = performance.now()
  const counters = new Counters()
  const failures: Failure[] = []
  let runs = 0
  for (const seed of seedsFrom(range)) {
    const scenario = scenarioOf(seed)
    const verdict = await simulate(stage, scenario)
    runs += verdict.runs
    counters.merge(verdict.counters)
    for (const { check, what } of verdict.violations.slice(0, 3))
      failures.push({ seed, variant: scenario.variant, check, what })
  }
  return { seeds: range.count, runs, seconds: (performance.now() - startedMs) / 1000, failures, counters }
}

export function describeBatch({ seeds, runs, seconds, failures }: Batch): string[] {
  const perMinute = Math.round((seeds / seconds) * 60)
  return [
    ...failures.map(({ seed, variant, check, what }) => `seed ${seed} (${variant}) ${check}: ${what}`),
    `${seeds} seeds, ${runs} runs in ${seconds.toFixed(1)} s: ${perMinute} seeds per minute in one process, ${failures.length} failures`,
  ]
}
