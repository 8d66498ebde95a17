/**
 * Every object, in every mode and under every null policy: HubSpot holds what docs/destinations/hubspot.md says, and a second
 * run writes nothing.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

const OBJECTS = ['contacts', 'companies', 'deals', 'tickets', 'cars'] as const
const MODES = ['upsert', 'update', 'create'] as const
const POLICIES = ['ignore', 'clear', 'reject'] as const
type ObjectName = (typeof OBJECTS)[number]
type Mode = (typeof MODES)[number]
type Policy = (typeof POLICIES)[number]

/** What a create of the object needs beside its key. */
const NEEDED: Readonly<Record<ObjectName, Readonly<Record<string, string>>>> = {
  contacts: { firstname: 'made' },
  companies: {},
  deals: { dealname: 'made', dealstage: 'closedwon' },
  tickets: { subject: 'made', hs_pipeline_stage: '1' },
  cars: {},
}

const COLUMNS = {
  line: ['varchar(400)', { name: 'line', type: 'string' }],
  amount: ['decimal(18, 2)', { name: 'worth', type: 'number' }],
  day: ['date', { name: 'day', type: 'date' }],
  moment: ['timestamp', { name: 'moment', type: 'datetime' }],
  flag: ['boolean', { name: 'flag', type: 'bool' }],
  tags: ['varchar(400)', { name: 'tags', type: 'enumeration', fieldType: 'checkbox', options: ['a', 'b', 'c'] }],
} as const
const KEY = { name: 'ext_id', type: 'string', hasUniqueValue: true }

type Cells = readonly (string | null)[]
/** In the order of the columns: what is given, and what is stored where that differs. */
const CORPUS: readonly { given: Cells; stored?: Cells }[] = [
  {
    given: ['plain', '1.50', '2026-01-02', '2026-01-02 03:04:05.678', 'true', 'a'],
    stored: ['plain', '1.50', '2026-01-02', '2026-01-02T03:04:05.678Z', 'true', 'a'],
  },
  {
    given: ['O\'Br "x", y;z', '-0.05', '2024-02-29', '1999-12-31 23:59:59', 'false', 'c;a'],
    stored: ['O\'Br "x", y;z', '-0.05', '2024-02-29', '1999-12-31T23:59:59Z', 'false', 'a;c'],
  },
  {
    given: ['two\r\nlines 🙂 ä \\n', '1234567890123456.78', '1901-01-01', '2026-01-02 00:00:00', 'true', ';b'],
    stored: ['two\r\nlines 🙂 ä \\n', '1234567890123456.78', '1901-01-01', '2026-01-02T00:00:00Z', 'true', 'b'],
  },
  {
    given: [' ', '0.00', '2026-01-02', '2026-01-02 00:00:00', 'true', 'b'],
    stored: [null, '0.00', '2026-01-02', '2026-01-02T00:00:00Z', 'true', 'b'],
  },
  { given: ['only a line', null, null, null, null, null] },
  { given: [null, null, null, null, null, null] },
]
const OLD: Cells = ['old', '1', '2020-01-01', '2020-01-01T00:00:00Z', 'false', 'a;b']

const keyOf = (index: number) => `00${index}`
/** Rows with an even number have a record already; all of them where the mode never creates, for a start. */
const isHeld = (mode: Mode, index: number) => mode === 'update' || index % 2 === 0

describe.each(warehousesUnderTest().map(({ name }) => name))('objects, modes and null policies on %s', (name) => {
  let lab: SyncLab
  const names = Object.values(COLUMNS).map(([, property]) => property.name)
  beforeAll(async () => {
    lab = await openLab(name)
    const columns = Object.entries(COLUMNS).map(([column, [type]]) => `${column} ${type}`)
    const rows = CORPUS.map(({ given }, index) => {
      const cells = Object.values(COLUMNS).map(([type], at) => `cast(${quoted(given[at])} as ${type})`)
      return `(${[quoted(keyOf(index)), ...cells].join(', ')})`
    })
    await lab.exec(
      `create table backfeed.rows_given (id varchar(40), ${columns.join(', ')})`,
      `insert into backfeed.rows_given values ${rows.join(', ')}`,
    )
  })
  afterAll(() => lab.close())

  const prepare = async (object: ObjectName, mode: Mode): Promise<void> => {
    const { control } = lab.emulator
    await control.reset()
    const properties = Object.values(COLUMNS).map(([, property]) => property)
    await control.putSchema('hubspot', object, { properties: [KEY, ...properties] })
    const held = CORPUS.flatMap((_, index) => (isHeld(mode, index) ? [keyOf(index)] : []))
    const old = Object.fromEntries(names.map((property, at) => [property, OLD[at]]))
    await control.putRecords(
      'hubspot',
      object,
      held.map((ext_id) => ({ ext_id, ...old })),
    )
  }

  const runOne = async (object: ObjectName, mode: Mode, policy: Policy): Promise<Record<string, unknown>> => {
    const sync = `m_${object}_${mode}_${policy}`
    const needed = mode === 'update' ? [] : Object.entries(NEEDED[object])
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: ${object}}
    mode: ${mode}
    match: {field: ext_id, from: id, strategy: unique_property}
    first_sync: overwrite
    on_null: ${policy}
    fields:
${needed.map(([to, value]) => `      - {to: ${to}, value: "${value}", write: on_create}`).join('\n')}
${Object.entries(COLUMNS)
  .map(([column, [, property]]) => `      - {to: ${property.name}, from: ${column}}`)
  .join('\n')}
    ${openGuards}
`)
    const result = await lab.execute('run', sync)
    expect(result.error?.problems ?? []).toEqual([])
    expect(result.totals).toMatchObject({ rejected: 0, unknown: 0, retryable: 0 })
    // Once per object and mode: what a policy leaves undone is the same for the others.
    if (policy === 'clear') expect(await lab.execute('run', sync)).toMatchObject({ totals: { writeCalls: 0 } })
    const records = await lab.emulator.control.records('hubspot', object)
    return Object.fromEntries(
      records.map((record) => {
        const properties = record.properties as Record<string, string | undefined>
        return [properties.ext_id, names.map((property) => properties[property] || null)]
      }),
    )
  }

  const table = (mode: Mode, policy: Policy): Record<string, unknown> => {
    const entries = CORPUS.flatMap(({ given, stored = given }, index) => {
      const held = isHeld(mode, index)
      const old = held ? OLD : OLD.map(() => null)
      const untouched = held ? [[keyOf(index), OLD]] : []
      if (held && mode === 'create') return untouched
      if (policy === 'reject' && stored.includes(null)) return untouched
      const cell = (value: string | null, at: number) => value ?? (policy === 'clear' ? null : (old[at] ?? null))
      return [[keyOf(index), stored.map(cell)]]
    })
    return Object.fromEntries(entries)
  }

  const cases = OBJECTS.flatMap((object) =>
    MODES.flatMap((mode) => POLICIES.map((policy) => ({ object, mode, policy }))),
  )
  test.each(cases)('$object, mode $mode, on_null $policy', async ({ object, mode, policy }) => {
    await prepare(object, mode)
    expect(await runOne(object, mode, policy)).toEqual(table(mode, policy))
  })
})
