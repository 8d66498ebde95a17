/** What happened in all files of a run, counted for the line at its end; nothing where nobody asks. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'

export type Counted = 'runner processes' | 'killed' | 'witness statements' | 'invariants broken'

const file = process.env.BACKFEED_FAULTS_TALLY

export function tally(what: Counted, count = 1): void {
  if (file !== undefined && count > 0) appendFileSync(file, `${count} ${what}\n`)
}

export function tallied(): Record<Counted, number> {
  const sums = { 'runner processes': 0, killed: 0, 'witness statements': 0, 'invariants broken': 0 }
  if (file === undefined || !existsSync(file)) return sums
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const [, count = '0', what = ''] = /^(\d+) (.*)$/.exec(line) ?? []
    if (what in sums) sums[what as Counted] += Number(count)
  }
  return sums
}
