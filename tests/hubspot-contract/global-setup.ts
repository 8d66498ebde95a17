/** Sums up the run of test:contract. A default export because vitest loads global setups by it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contractFolder, FOLDER_VARIABLE, readContract } from './contract-folder.ts'
import { allSituations } from './seen-deviations.ts'
import { addTally, emptyTally, neverExercised, TALLY_VARIABLE, type Tally } from './tally.ts'

export default function setUp(): (() => void) | undefined {
  if (contractFolder() === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-contract-'))
  process.env[TALLY_VARIABLE] = folder
  return () => {
    const tally = gathered(folder)
    rmSync(folder, { recursive: true, force: true })
    report(tally)
  }
}

/** Said where there is nothing to hold anybody to; the run then passes with no tests. */
export function reportNotRun(): void {
  console.log(`not run: HubSpot's contract is neither at ../shared/contracts/hubspot nor at ${FOLDER_VARIABLE}`)
}

function gathered(folder: string): Tally {
  const sum = emptyTally()
  for (const file of readdirSync(folder)) {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n')
    for (const line of lines) if (line !== '') addTally(sum, JSON.parse(line))
  }
  return sum
}

function report(tally: Tally): void {
  const { exchanges, violations, used, seen } = tally
  const deviations = readContract().deviations.deviations
  const total = exchanges.answer + exchanges['request and answer']
  console.log(`\nContract: ${total} exchanges checked, of ${exchanges['request and answer']} the request too.`)
  console.log("Not run here: Salesforce's half of the suites that both CRMs share (npm test runs it).")
  console.log(`Not described by the documents: ${exchanges.outside}. Violations no deviation covers: ${violations}.`)
  for (const { id, where } of deviations) {
    const shown = Object.entries(seen).filter(([name]) => name.startsWith(`${id}: `))
    const times = shown.map(([name, count]) => `${name.slice(id.length + 2)} (${count})`)
    console.log(`  ${id} ${where}: subtracted ${used[id] ?? 0}; seen: ${times.join(', ') || 'never'}`)
  }
  const ids = deviations.map(({ id }) => id)
  const missing = neverExercised(ids, allSituations(), tally)
  for (const name of missing) console.error(`Never exercised: ${name}`)
  if (missing.length > 0 || violations > 0) process.exitCode = 1
}
