/** The end of a run in words: cases, kills, invariants, and what did not run and why. A default export because vitest loads reporters by it. */
import type { Reporter, TestModule } from 'vitest/node'
import { findPostgres, postgresMissing } from '../../support/postgres-server.ts'
import { isFull } from './full-mode.ts'
import { NOT_APPLICABLE } from './rows-without-a-test.ts'
import { tallied } from './tally.ts'

export default class FaultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const sums = tallied()
    const counted = (what: string): number => sums[what] ?? 0
    const lines = [
      ...tableOf(modules, (file) => counted(`cpu ms of ${file}`) / 1_000),
      '',
      `Crash runs: ${counted('killed')} processes killed, of ${counted('runner processes')} runner processes.`,
      `Invariants broken: ${counted('invariants broken')}, in ${counted('witness statements')} statements of the witness.`,
    ]
    for (const test of testsOf(modules).filter((each) => each.result().state === 'skipped'))
      lines.push(`Not run: ${test.fullName}`)
    if (!isFull()) lines.push('Not run: the rest of the crash matrix (npm run test:faults -- --full)')
    if (findPostgres() === undefined) lines.push(`Not run: everything on Postgres (${postgresMissing})`)
    for (const [row, why] of Object.entries(NOT_APPLICABLE)) lines.push(`Not applicable: ${row}: ${why}`)
    process.stdout.write(`\n${lines.join('\n')}\n`)
  }
}

function testsOf(modules: readonly TestModule[]) {
  return modules.flatMap((module) => [...module.children.allTests()])
}

/** Cases and seconds per file; the last line holds the sums. */
function tableOf(modules: readonly TestModule[], cpuSeconds: (file: string) => number): string[] {
  const rows = modules.map((module) => {
    const states = testsOf([module]).map((test) => test.result().state)
    const of = (state: string): number => states.filter((each) => each === state).length
    const file = module.relativeModuleId
    return {
      file: file.slice(file.lastIndexOf('/') + 1),
      counts: [of('passed'), of('failed'), of('skipped'), module.diagnostic().duration / 1_000, cpuSeconds(file)],
    }
  })
  const sums = rows.reduce((sum, { counts }) => sum.map((each, at) => each + (counts[at] ?? 0)), [0, 0, 0, 0, 0])
  const cells = ['passed', 'failed', 'skipped', 'seconds', 'CPU s'].map((title) => title.padStart(8)).join('')
  return [
    `${'file'.padEnd(26)}${cells}`,
    ...[...rows, { file: 'all', counts: sums }].map(
      ({ file, counts }) =>
        `${file.padEnd(26)}${counts.map((count) => String(Math.round(count)).padStart(8)).join('')}`,
    ),
  ]
}
