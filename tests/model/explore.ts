/** Breadth first through every world, so that the first violation found has the shortest history. */

import { cleanRuns } from './clean-runs.ts'
import type { Bounds, Protocol } from './protocol.ts'
import { firstWorld, textOf, type World } from './state.ts'
import { successors } from './world-steps.ts'

export interface Exploration {
  states: number
  /** Worlds without a runner and without a request under way; from each, two runs without faults were made. */
  quiescent: number
  seconds: number
  /** Absent: every property holds in every world. */
  violation?: { property: string; trace: string[] }
}

export function explore(protocol: Protocol, bounds: Bounds): Exploration {
  const startedMs = performance.now()
  const first = firstWorld(bounds)
  const seen = new Map<string, number>([[textOf(first), 0]])
  const history = new History()
  const settledBefore = new Map<string, string>()
  let frontier: [number, World][] = [[0, first]]
  let quiescent = 0
  const done = (violation?: Exploration['violation']): Exploration => ({
    states: seen.size,
    quiescent,
    seconds: (performance.now() - startedMs) / 1000,
    ...(violation && { violation }),
  })
  while (frontier.length > 0) {
    const next: [number, World][] = []
    for (const [id, world] of frontier) {
      if (world.violation !== '') return done({ property: world.violation, trace: history.of(id) })
      if (isQuiescent(world)) {
        quiescent += 1
        const broken = convergence(world, protocol, settledBefore)
        if (broken !== '') return done({ property: broken, trace: history.of(id) })
      }
      for (const { label, world: after } of successors(world, protocol)) {
        const text = textOf(after)
        if (seen.has(text)) continue
        seen.set(text, seen.size)
        history.add(id, label)
        next.push([seen.size - 1, after])
      }
    }
    frontier = next
  }
  return done()
}

function isQuiescent({ runners, messages }: World): boolean {
  return runners.length === 0 && messages.every(({ status }) => status !== 'underway')
}

/** What is left over of the bounds does not matter to runs without faults. */
function convergence(world: World, protocol: Protocol, known: Map<string, string>): string {
  const text = textOf({ ...world, left: firstWorld(nothing).left, newestApplied: 0 })
  const before = known.get(text)
  if (before !== undefined) return before
  const broken = cleanRuns(world, protocol)
  known.set(text, broken)
  return broken
}

const nothing: Bounds = { runs: 0, crashes: 0, timeouts: 0, warehouseFaults: 0, changes: 0 }

/** Where each world was first reached from; world 0 is the beginning. */
class History {
  readonly #parents: number[] = [0]
  readonly #labels: string[] = ['']

  add(parent: number, label: string): void {
    this.#parents.push(parent)
    this.#labels.push(label)
  }

  of(id: number): string[] {
    const labels: string[] = []
    for (let at = id; at > 0; at = this.#parents[at] ?? 0) labels.unshift(this.#labels[at] ?? '')
    return labels
  }
}
