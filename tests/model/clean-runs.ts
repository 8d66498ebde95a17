/** From a quiet world, runs without faults: the first may only find out what is unknown, the second must leave nothing open. */
import type { Protocol } from './protocol.ts'
import { copyOf, newRunner, valueAt, type World } from './state.ts'
import { successors } from './world-steps.ts'

const longestRun = 60

/** Empty when the world converges; otherwise the property that is broken. */
export function cleanRuns(world: World, protocol: Protocol): string {
  let current = withoutFaults(world)
  for (let run = 1; run <= 2; run += 1) {
    const ended = cleanRun(current, protocol)
    if (typeof ended === 'string') return ended
    current = ended
  }
  return unfinished(current)
}

function withoutFaults(world: World): World {
  const left = { runs: 0, crashes: 0, timeouts: 0, warehouseFaults: 0, changes: 0, misses: 0 }
  return { ...copyOf(world), left }
}

function cleanRun(world: World, protocol: Protocol): World | string {
  let current = copyOf(world)
  current.lease.expired = true
  current.runners = [newRunner()]
  for (let step = 0; current.runners.length > 0; step += 1) {
    if (step === longestRun) return 'P-TERM: a run without faults does not end'
    const next = successors(current, protocol).find(({ isClean }) => isClean)
    if (next === undefined) return 'P-STUCK: a run without faults cannot go on'
    current = next.world
    if (current.violation !== '') return current.violation
  }
  return current
}

function unfinished({ records, source, state, open }: World): string {
  const [record] = records
  if (records.length !== 1 || record === undefined) return `P-CONV: ${records.length} records after two clean runs`
  if (valueAt(record.version) !== valueAt(source)) return 'P-CONV: an update was lost'
  if (valueAt(state.acked) !== valueAt(source) || state.unsettled) return 'P-CONV: a row was forgotten'
  return open.length > 0 ? 'P-CONV: a run was never closed' : ''
}
