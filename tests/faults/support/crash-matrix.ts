/** Kills the runner at every crash point, starts it again without faults, and asks the witness. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestWarehouseName } from '../../support/warehouses.ts'
import { type CrashStory, openStory } from './crash-story.ts'
import { isFull } from './full-mode.ts'
import { HOUR, openProcessLab, type ProcessLab } from './process-lab.ts'
import { runUntilSettled } from './run-until-settled.ts'
import type { RunnerOptions } from './runner-process.ts'
import { LEGS, type LegName } from './sync-leg.ts'
import { brokenInvariants } from './witness.ts'

/** Which points a run of the story reaches, and whether more than once. A test holds the table to what a run really does. */
export type Points = Readonly<Record<string, 'once' | 'often'>>

/** Rows of the failure matrix by crash point. */
const FAULT_OF: Readonly<Record<string, string>> = {
  ...{
    CP01: 'F01',
    CP02: 'F02',
    CP03: 'F03',
    CP04: 'F04',
    CP05: 'F05',
    CP06: 'F06',
    CP07: 'F07',
    CP08: 'F08',
    CP09: 'F09',
  },
  ...{
    CP10: 'F10',
    CP11: 'F11',
    CP12: 'F12',
    CP13: 'F13',
    CP14: 'F14',
    CP15: 'F14',
    CP16: 'F18',
    CP17: 'F19',
    CP18: 'F19',
  },
  ...{
    CP19: 'F20',
    CP20: 'F21',
    CP21: 'F22',
    CP22: 'F22',
    CP23: 'F22',
    CP24: 'F15',
    CP25: 'F15',
    CP26: 'F16',
    CP27: 'F17',
  },
}

type Hit = 'first' | 'second' | 'last'

interface Kill {
  fault: string
  at: string
  hit: Hit
}

function killsAt(at: string, how: 'once' | 'often'): Kill[] {
  const hits: Hit[] = how === 'once' ? ['first'] : ['first', 'second', 'last']
  return hits.map((hit) => ({ fault: FAULT_OF[at] ?? at, at, hit }))
}

/** The full matrix has the first, the second and the last hit of each point; the short one of them at the points that are its share. */
function killsOf({ points, short }: MatrixRequest): Kill[] {
  return Object.entries(points).flatMap(([at, how]) => {
    const all = killsAt(at, how)
    if (isFull()) return all
    const index = short.indexOf(at)
    const chosen = all[index % all.length]
    return index === -1 || chosen === undefined ? [] : [chosen]
  })
}

export interface MatrixRequest {
  leg: LegName
  warehouse: TestWarehouseName
  points: Points
  /** Where the short matrix kills. Over all ways and warehouses each point is in it at least once. */
  short: readonly string[]
}

export function crashMatrix(request: MatrixRequest): void {
  const { leg: legName, warehouse, points, short } = request
  if (!isFull() && short.length === 0) return
  const again = ['CP03', 'CP04']
    .filter((at) => isFull() || short.includes(at))
    .map((at) => [`${FAULT_OF[at]} ${at}`, at] as const)

  describe(`killed during a run: ${legName} on ${warehouse}`, () => {
    let lab: ProcessLab
    let story: CrashStory
    const reached = new Map<string, number>()
    beforeAll(async () => {
      lab = await openProcessLab({ warehouse })
      story = await openStory(lab, LEGS[legName])
      await story.nextChapter()
      const trace = join(lab.dir, 'trace')
      expect(await lab.run(['run'], { trace })).toMatchObject({ code: 0 })
      for (const point of readFileSync(trace, 'utf8').trim().split('\n'))
        reached.set(point, (reached.get(point) ?? 0) + 1)
    })
    afterAll(() => lab?.close())

    const killed = async (options: RunnerOptions): Promise<void> => {
      const dead = await lab.run(['run'], options)
      expect(dead.signal, dead.stderr).toBe('SIGKILL')
      await lab.expireLeases()
    }
    const recovered = (): Promise<void> => runUntilSettled(lab, story.expected())

    test('every crash point that a run reaches is in the matrix', async () => {
      const found = [...reached].map(([point, hits]) => [point, hits === 1 ? 'once' : 'often'] as const)
      expect(Object.fromEntries(found)).toEqual(points)
      expect(await brokenInvariants(lab, story.expected())).toEqual([])
    })

    const kills = killsOf(request).map((kill) => [`${kill.fault} ${kill.at}, the ${kill.hit} time`, kill] as const)
    test.each(kills)('%s: the next run recovers', async (_, { at, hit }) => {
      await story.nextChapter()
      await killed({ crashAt: at, nth: { first: 1, second: 2, last: reached.get(at) ?? 1 }[hit] })
      await recovered()
    })

    test.each(again)('%s, while it recovers from a kill: the next run recovers both', async (_, at) => {
      await story.nextChapter()
      await killed({ crashAt: legName === 'bulk' ? 'CP20' : 'CP11' })
      await killed({ crashAt: at, laterMs: HOUR })
      await recovered()
    })

    test.runIf(isFull() || legName === 'collections')('a further run sends nothing', async () => {
      const before = await lab.writeCount()
      const idle = await lab.run(['run', '--output', 'json'], { laterMs: 3 * HOUR })
      expect(idle).toMatchObject({ code: 0, json: { planned: 0, write_calls: 0 } })
      expect(await lab.writeCount()).toBe(before)
    })
  })
}
