/** One story for every crash: records that exist and some that do not, changes, clears and creates, and a field that people own. */

import type { ProcessLab } from './process-lab.ts'
import { createTable, fillTable, type Leg, type Row } from './sync-leg.ts'
import type { Expected } from './witness.ts'

const numbered = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

export interface CrashCase {
  sync: string
  prefix: string
}

export function caseNamed(name: string): CrashCase {
  const sync = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
  return { sync, prefix: `${sync}-` }
}

function rowsOf({ prefix }: CrashCase, numbers: readonly number[], cells: readonly [string, string | null]): Row[] {
  return numbers.map((number) => [`${prefix}${number}`, ...cells] as const)
}

/** What the CRM holds before. */
export function tableBefore(one: CrashCase): string[] {
  return [createTable(one.sync), ...fillTable(one.sync, rowsOf(one, numbered(1, 10), ['old', 'kept']))]
}

/** Five changes of one field, five clears of another, five creates: three field sets, so three bulk jobs. */
export function tableAfter(one: CrashCase): string[] {
  return fillTable(one.sync, [
    ...rowsOf(one, numbered(1, 5), ['new', 'kept']),
    ...rowsOf(one, numbered(6, 10), ['old', null]),
    ...rowsOf(one, numbered(11, 15), ['new', null]),
  ])
}

export function expectedAfter(one: CrashCase, leg: Leg): Expected {
  const [name = '', plan = '', note = ''] = leg.mapped
  const record = (number: number, values: readonly [string, string | null], owned: string | null) =>
    [
      `${one.prefix}${number}`,
      { [name]: `${one.prefix}${number}`, [plan]: values[0], [note]: values[1], [leg.owned]: owned },
    ] as const
  return {
    leg,
    ...one,
    records: Object.fromEntries([
      ...numbered(1, 5).map((number) => record(number, ['new', 'kept'], 'theirs')),
      ...numbered(6, 10).map((number) => record(number, ['old', null], null)),
      ...numbered(11, 15).map((number) => record(number, ['new', null], null)),
    ]),
  }
}

/** Somebody writes into the field that people own, of the first five records. */
export async function editByHand(lab: ProcessLab, leg: Leg, one: CrashCase): Promise<void> {
  const rows = numbered(1, 5).map((number) => ({ [leg.key]: `${one.prefix}${number}`, [leg.owned]: 'theirs' }))
  await lab.emulator.control.putRecords(leg.crm, leg.object, rows)
}
