/** What happened in all files of a run, counted for the line at its end; nothing where nobody asks. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'

export type Counted = 'runner processes' | 'killed' | 'witness statements' | 'invariants broken'
/** `cpu ms of <file>`: of a worker and the processes that it waited for. */
type CpuOf = `cpu ms of ${string}`

const file = process.env.BACKFEED_FAULTS_TALLY

export function tally(what: Counted | CpuOf, count = 1): void {
  if (file !== undefined && count > 0) appendFileSync(file, `${count} ${what}\n`)
}

export function tallied(): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {}
  if (file === undefined || !existsSync(file)) return sums
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const [, count = '0', what = ''] = /^(\d+) (.*)$/.exec(line) ?? []
    sums[what] = (sums[what] ?? 0) + Number(count)
  }
  return sums
}
