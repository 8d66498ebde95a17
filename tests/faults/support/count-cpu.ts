/** Loaded before each file: what the file and its processes cost, for the table at the end of the run. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { afterAll, expect } from 'vitest'
import { tally } from './tally.ts'

/** Linux counts in hundredths of a second for every program that asks. */
const MS_PER_TICK = 10

afterAll(() => {
  const { testPath = '' } = expect.getState()
  tally(`cpu ms of ${relative(process.cwd(), testPath)}`, cpuMs())
})

/** User and system time of this process and of all that it has waited for; 0 where there is no /proc. */
function cpuMs(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    // After the name, which may hold anything: utime, stime, cutime, cstime are fields 14 to 17.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * MS_PER_TICK, 0)
  } catch {
    return 0
  }
}
