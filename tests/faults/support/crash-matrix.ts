/** Kills the runner at every crash point, starts it again without faults, and asks the witness. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestWarehouseName } from '../../support/warehouses.ts'
import { type CrashCase, caseNamed, editByHand, expectedAfter, tableAfter, tableBefore } from './crash-case.ts'
import { isFull } from './full-mode.ts'
import { HOUR, openProcessLab, type ProcessLab } from './process-lab.ts'
import { LEGS, type Leg, type LegName } from './sync-leg.ts'
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

/** The full matrix has the first, the second and the last hit of each point; the short one of them, another one on each leg. */
function killsOf(points: Points, turn: number): Kill[] {
  return Object.entries(points).flatMap(([at, how], index) => {
    const all = killsAt(at, how)
    const chosen = all[(index + turn) % all.length]
    return isFull() || chosen === undefined ? all : [chosen]
  })
}

export interface MatrixRequest {
  leg: LegName
  warehouse: TestWarehouseName
  points: Points
  turn: number
}

export function crashMatrix({ leg: legName, warehouse, points, turn }: MatrixRequest): void {
  const leg = LEGS[legName]
  const calibration = caseNamed('calibration')
  const cases = killsOf(points, turn).map((kill) => ({ ...kill, one: caseNamed(`at ${kill.at} ${kill.hit}`) }))
  const twice = ['CP03', 'CP04'].map((at) => ({ fault: FAULT_OF[at], at, one: caseNamed(`again at ${at}`) }))
  const all: CrashCase[] = [calibration, ...[...cases, ...twice].map(({ one }) => one)]

  describe(`killed during a run: ${legName} on ${warehouse}`, () => {
    let lab: ProcessLab
    const reached = new Map<string, number>()
    beforeAll(async () => {
      lab = await openProcessLab({ warehouse })
      await prepare(lab, leg, all)
      const trace = join(lab.dir, 'trace')
      expect(await lab.run(['run', '-s', calibration.sync], { trace })).toMatchObject({ code: 0 })
      for (const point of readFileSync(trace, 'utf8').trim().split('\n'))
        reached.set(point, (reached.get(point) ?? 0) + 1)
    })
    afterAll(() => lab?.close())

    const recovered = async (one: CrashCase): Promise<void> => {
      await lab.expireLeases()
      const next = await lab.run(['run', '-s', one.sync, '--output', 'json'], { clockSkewMs: HOUR })
      expect(next.code, next.stderr).toBe(0)
      expect(await brokenInvariants(lab, expectedAfter(one, leg))).toEqual([])
    }

    test('every crash point that a run reaches is in the matrix', async () => {
      const found = [...reached].map(([point, hits]) => [point, hits === 1 ? 'once' : 'often'] as const)
      expect(Object.fromEntries(found)).toEqual(points)
      expect(await brokenInvariants(lab, expectedAfter(calibration, leg))).toEqual([])
    })

    test.each(cases)('$fault $at, the $hit time: the next run recovers', async ({ at, hit, one }) => {
      const nth = { first: 1, second: 2, last: reached.get(at) ?? 1 }[hit]
      const dead = await lab.run(['run', '-s', one.sync], { crashAt: at, nth })
      expect(dead.signal, dead.stderr).toBe('SIGKILL')
      await recovered(one)
    })

    test.each(twice)(
      '$fault $at, in the recovery of a run that was killed: the next one recovers both',
      async (kill) => {
        const { at, one } = kill
        const first = legName === 'bulk' ? 'CP20' : 'CP11'
        expect((await lab.run(['run', '-s', one.sync], { crashAt: first })).signal).toBe('SIGKILL')
        await lab.expireLeases()
        const dead = await lab.run(['run', '-s', one.sync], { crashAt: at, clockSkewMs: HOUR })
        expect(dead.signal, dead.stderr).toBe('SIGKILL')
        await recovered(one)
      },
    )

    test('a further run of all of them sends nothing', async () => {
      const before = await lab.writeCount()
      const idle = await lab.run(['run', '--output', 'json'], { clockSkewMs: 2 * HOUR })
      expect(idle).toMatchObject({ code: 0, json: { planned: 0, write_calls: 0 } })
      expect(await lab.writeCount()).toBe(before)
    })
  })
}

/** Every case has a sync of its own; what the CRM holds before is sent by one run for all of them. */
async function prepare(lab: ProcessLab, leg: Leg, all: readonly CrashCase[]): Promise<void> {
  await leg.prepare(lab)
  lab.syncs(
    all.map(({ sync }) => leg.sync(sync)).join(''),
    all.map(({ sync }) => `rows_${sync}`),
  )
  await lab.exec(...all.flatMap(tableBefore))
  const first = await lab.run(['run', '--output', 'json'])
  expect(first.code, first.stderr).toBe(0)
  for (const one of all) await editByHand(lab, leg, one)
  await lab.exec(...all.flatMap(tableAfter))
}
