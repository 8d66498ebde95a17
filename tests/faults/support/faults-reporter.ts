/** The end of a run in words: cases, kills, invariants, and what did not run and why. A default export because vitest loads reporters by it. */
import type { Reporter, TestModule } from 'vitest/node'
import { findPostgres, postgresMissing } from '../../support/postgres-server.ts'
import { isFull } from './full-mode.ts'
import { NOT_APPLICABLE } from './rows-without-a-test.ts'
import { tallied } from './tally.ts'

export default class FaultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length
    const sums = tallied()
    const lines = [
      `Cases run: ${count('passed') + count('failed')} in ${modules.length} files, ${count('passed')} passed, ${count('failed')} failed.`,
      `Runner processes: ${sums['runner processes']}, of them ${sums.killed} killed.`,
      `Invariants broken: ${sums['invariants broken']}, in ${sums['witness statements']} statements of the witness.`,
    ]
    for (const test of tests.filter((each) => each.result().state === 'skipped'))
      lines.push(`Not run: ${test.fullName}`)
    if (!isFull()) lines.push('Not run: the rest of the crash matrix (npm run test:faults -- --full)')
    if (findPostgres() === undefined) lines.push(`Not run: everything on Postgres (${postgresMissing})`)
    for (const [row, why] of Object.entries(NOT_APPLICABLE)) lines.push(`Not applicable: ${row}: ${why}`)
    process.stdout.write(`\n${lines.join('\n')}\n`)
  }
}
