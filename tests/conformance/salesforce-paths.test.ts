/**
 * By request or by bulk job, in every mode and under every null policy: Salesforce holds the same afterwards, and it is what
 * docs/destinations/salesforce.md says. Values that CSV cannot carry are in the corpus too.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

type Path = 'request' | 'job'
type Mode = 'upsert' | 'update'
type Policy = 'ignore' | 'clear' | 'reject'
const PATHS: readonly Path[] = ['request', 'job']
const MODES: readonly Mode[] = ['upsert', 'update']
const POLICIES: readonly Policy[] = ['ignore', 'clear', 'reject']

/** Text, amount, day: what is given, and what a record holds that had `old`, 1 and 2020-01-01 before. Null follows the policy. */
const CORPUS: readonly (readonly [text: string | null, amount: string | null, day: string | null])[] = [
  ['plain', '1.5', '2026-01-02'],
  ['  padded\t', '-0.05', '1999-12-31'],
  ['O\'Br "x", y;z', '1234567890.12', '2024-02-29'],
  ['two\nlines', '0', '2026-01-02'],
  ['carriage\r\nreturn', '7', '2026-01-02'],
  ['#N/A', '8', '2026-01-02'],
  ['up 🙂🚀 ä', '9', '2026-01-02'],
  ['back\\slash \\n', '10', '2026-01-02'],
  ['=1+1', '11', '2026-01-02'],
  [null, '12', '2026-01-02'],
  ['no amount', null, '2026-01-02'],
  ['no day', '13', null],
  [null, null, null],
  ['', '14', '2026-01-02'],
]
const OLD = ['old', 1, '2020-01-01'] as const

function expected(policy: Policy, given: string | number | null, old: string | number | null): string | number | null {
  if (given !== null) return typeof given === 'string' ? given.trim() : given
  return policy === 'clear' ? null : old
}

describe.each(warehousesUnderTest().map(({ name }) => name))('both write paths on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.exec(
      'create table backfeed.rows_given (id varchar(40), text varchar(80), amount decimal(18, 2), day date)',
    )
  })
  afterAll(() => lab.close())

  /** Rows with an even number have a record already. */
  const prepare = async (object: string, mode: Mode): Promise<void> => {
    await lab.emulator.control.putSchema('salesforce', object, {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Text__c', type: 'textarea', length: 4000 },
        { name: 'Amount__c', type: 'currency', precision: 18, scale: 2 },
        { name: 'Day__c', type: 'date' },
      ],
    })
    const held = CORPUS.flatMap((_, index) => (mode === 'update' || index % 2 === 0 ? [index] : []))
    const [Text__c, Amount__c, Day__c] = OLD
    await lab.emulator.control.putRecords(
      'salesforce',
      object,
      held.map((index) => ({ Key__c: `k${index}`, Text__c, Amount__c, Day__c })),
    )
    const cell = (value: string | null, type?: string) =>
      value === null ? 'null' : type ? `cast(${quoted(value)} as ${type})` : quoted(value)
    const rows = CORPUS.map(
      ([text, amount, day], index) =>
        `('k${index}', ${cell(text)}, ${cell(amount, 'decimal(18, 2)')}, ${cell(day, 'date')})`,
    )
    await lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${rows.join(', ')}`)
  }

  const runOne = async (path: Path, mode: Mode, policy: Policy): Promise<Record<string, unknown>> => {
    const sync = `${path}_${mode}_${policy}`
    const object = `Paths_${sync}__c`
    await prepare(object, mode)
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: ${object}}
    mode: ${mode}
    match: {field: Key__c, from: id, strategy: ${mode === 'update' ? 'lookup' : 'external_id'}}
    first_sync: overwrite
    on_null: ${policy}
    fields: [{to: Text__c, from: text}, {to: Amount__c, from: amount}, {to: Day__c, from: day}]
    limits: {bulk_above: ${path === 'job' ? 0 : 100_000}}
    ${openGuards}
`)
    await lab.writes()
    const result = await lab.execute('run', sync)
    expect(result.error?.problems ?? []).toEqual([])
    expect(result.totals).toMatchObject({ rejected: 0, unknown: 0, retryable: 0 })
    const uploads = (await lab.writes()).filter(({ method }) => method === 'PUT').length
    expect(uploads > 0).toBe(path === 'job')
    expect(await lab.execute('run', sync)).toMatchObject({ totals: { writeCalls: 0 } })
    const records = await lab.emulator.control.records('salesforce', object)
    return Object.fromEntries(
      records.map((record) => [
        String(record.Key__c),
        [record.Text__c ?? null, record.Amount__c ?? null, record.Day__c ?? null],
      ]),
    )
  }

  const table = (mode: Mode, policy: Policy): Record<string, unknown> => {
    const entries = CORPUS.flatMap(([text, amount, day], index) => {
      const held = mode === 'update' || index % 2 === 0
      const [oldText, oldAmount, oldDay] = held ? OLD : [null, null, null]
      const given = [text === '' ? null : text, amount === null ? null : Number(amount), day] as const
      const rejected = policy === 'reject' && given.includes(null)
      if (rejected) return held ? [[`k${index}`, [...OLD]]] : []
      const stored = [
        expected(policy, given[0], oldText),
        expected(policy, given[1], oldAmount),
        expected(policy, given[2], oldDay),
      ]
      return [[`k${index}`, stored]]
    })
    return Object.fromEntries(entries)
  }

  const cases = MODES.flatMap((mode) => POLICIES.map((policy) => ({ mode, policy })))
  test.each(cases)('mode $mode, on_null $policy', async ({ mode, policy }) => {
    for (const path of PATHS) expect(await runOne(path, mode, policy), path).toEqual(table(mode, policy))
  })
})
