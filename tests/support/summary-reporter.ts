/**
 * The end of a test run in words: how much ran, what did not and why. What did not run is never reported as passed.
 * A default export because vitest loads reporters by it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import { REPOSITORY } from './source-text.ts'

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length
    const skipped = tests.filter((test) => test.result().state === 'skipped')
    const ran = count('passed') + count('failed')
    const lines = [`Ran ${ran} tests in ${modules.length} files: ${count('passed')} passed, ${count('failed')} failed.`]
    for (const test of skipped)
      lines.push(`Not run: ${test.module.relativeModuleId} > ${test.fullName}${reasonOf(test.result())}`)
    for (const [name, why] of otherSuites()) lines.push(`Not run here: npm run ${name} (${why})`)
    process.stdout.write(`\n${lines.join('\n')}\n`)
  }
}

function reasonOf(result: object): string {
  return 'note' in result && typeof result.note === 'string' ? ` (${result.note})` : ''
}

const WHY: Readonly<Record<string, string>> = {
  'test:warehouses': 'needs a Postgres server; starts one of its own where the programs are installed',
  'test:replay': 'long; needs the data set beside the checkout',
  'test:contract': 'holds HubSpot traffic to its contract; needs the documents beside the checkout',
  'test:faults': 'kills and cuts processes',
  'test:clients': 'needs other client libraries',
}

function otherSuites(): [string, string][] {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
  )
  return Object.keys(scripts)
    .filter((name) => name.startsWith('test:'))
    .map((name) => [name, WHY[name] ?? 'a suite of its own'])
}
