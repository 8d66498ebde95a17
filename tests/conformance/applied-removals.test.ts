/** Removals beside the two other ways a plan can go: saved and applied later, and by bulk job. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { rebuiltEqualsState } from './rebuilt-state.ts'
import { applySaved, savePlan } from './saved-plan-lab.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

const day = 24 * 3_600_000
const FIELDS = ['Customer_Id__c', 'Segment__c', 'Note__c', 'Active__c']

// A test plans and runs up to ten times.
vi.setConfig({ testTimeout: 300_000 })

describe.each(warehousesUnderTest().map(({ name }) => name))('removals on %s', (name) => {
  let lab: SyncLab
  let sync = ''
  let serial = 0
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.exec('create table backfeed.rows_given (id varchar(40), segment varchar(40))')
  })
  afterAll(() => lab.close())
  beforeEach(async () => {
    const { control } = lab.emulator
    await control.reset()
    const fields = FIELDS.map((field) => ({ name: field, type: 'string', length: 80 }))
    await control.putSchema('salesforce', 'Account', {
      fields: fields.map((field) =>
        field.name === 'Customer_Id__c' ? { ...field, externalId: true, unique: true } : field,
      ),
    })
    serial += 1
    sync = `left_${serial}`
  })

  const define = (onRemoved: string, more = ''): void =>
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Customer_Id__c, from: id, strategy: external_id}
    fields: [{to: Name, value: made, write: on_create}, {to: Segment__c, from: segment}]
    on_removed: ${onRemoved}
    ${more}
    ${openGuards.replace('}', ', max_deletes: 100}')}
`)
  type Given = readonly [id: string, segment: string]
  const fill = (rows: readonly Given[]) =>
    lab.exec(
      'delete from backfeed.rows_given',
      `insert into backfeed.rows_given values ${[['keep', 'core'] as const, ...rows].map(([id, segment]) => `(${quoted(id)}, ${quoted(segment)})`).join(', ')}`,
    )
  const many = (prefix: string, count: number, segment: string): Given[] =>
    Array.from({ length: count }, (_, n) => [`${prefix}${n + 1}`, segment] as const)
  const run = async () => {
    const result = await lab.execute('run', sync)
    expect(result.error?.problems ?? []).toEqual([])
    return result
  }
  const records = async () => {
    const list = await lab.emulator.control.records('salesforce', 'Account')
    return new Map(list.map((record) => [String(record.Customer_Id__c), record]))
  }
  const segments = async () =>
    Object.fromEntries([...(await records())].map(([key, { Segment__c }]) => [key, Segment__c ?? null]))
  const edit = async (key: string, cells: Record<string, string>) => {
    const record = (await records()).get(key)
    await lab.emulator.control.putRecords('salesforce', 'Account', [{ Id: record?.Id, ...cells }])
  }
  /** Nothing more to send, and state is what the log says it is. */
  const settled = async () => {
    await lab.writes()
    expect(await run()).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
    expect(await lab.writes()).toEqual([])
    expect(await rebuiltEqualsState(lab, sync)).toBe(true)
    expect(await lab.query(`select * from backfeed_audit.reconciliation where sync_name = '${sync}'`)).toEqual([])
  }

  describe('of a saved plan', () => {
    test('clear_fields: what was planned is sent, but for the record that somebody edited since', async () => {
      define('clear_fields')
      await fill([
        ['A', 'old'],
        ['B', 'old'],
        ['C', 'old'],
      ])
      await run()
      await fill([['C', 'new']])
      const { plan, text } = await savePlan(lab, sync)
      expect(plan.plan).toMatchObject({ counts: { update: 3, clears: 2 } })
      await edit('B', { Segment__c: 'theirs' })
      await lab.writes()
      const applied = await applySaved(lab, sync, text)
      expect(applied.error?.problems ?? []).toEqual([])
      expect(applied).toMatchObject({ totals: { succeeded: 2 }, plan: { heldByReason: { drifted_since_plan: 1 } } })
      expect(await lab.sent()).toHaveLength(2)
      expect(await segments()).toEqual({ keep: 'core', A: null, B: 'theirs', C: 'new' })
      await settled()
    })

    test('set: the very requests that were predicted', async () => {
      define("{set: {Active__c: 'no', Segment__c: gone}}")
      await fill([
        ['A', 'old'],
        ['B', 'old'],
      ])
      await run()
      await fill([['C', 'new']])
      const { plan, text } = await savePlan(lab, sync)
      await lab.writes()
      expect(await applySaved(lab, sync, text)).toMatchObject({ exitCode: 0, totals: { succeeded: 3, created: 1 } })
      const asked = (await lab.writes()).map(({ method, path }) => `${method} ${path}`)
      expect(asked).toEqual(plan.plan?.predicted.requests.map(({ method, path }) => `${method} ${path}`))
      expect(await segments()).toEqual({ keep: 'core', A: 'gone', B: 'gone', C: 'new' })
      expect((await records()).get('A')?.Active__c).toBe('no')
      await settled()
    })

    test('delete: on the day it is due, and not the record that somebody edited since', async () => {
      define('delete')
      await fill([
        ['A', 'old'],
        ['B', 'old'],
      ])
      await run()
      await fill([])
      await run()
      lab.advance(day + 60_000)
      const { plan, text } = await savePlan(lab, sync)
      expect(plan.plan).toMatchObject({ counts: { deletes: 2 } })
      await edit('B', { Segment__c: 'theirs' })
      const applied = await applySaved(lab, sync, text)
      expect(applied.error?.problems ?? []).toEqual([])
      expect(applied).toMatchObject({ totals: { succeeded: 1 } })
      expect(await segments()).toEqual({ keep: 'core', B: 'theirs' })
      expect((await run()).plan?.heldByReason).toEqual({ 'delete:edited': 1 })
      expect(await rebuiltEqualsState(lab, sync)).toBe(true)
    })

    test.each(['clear_fields', 'delete'])('%s: a row that came back since makes the plan stale', async (action) => {
      define(action)
      await fill([
        ['A', 'old'],
        ['B', 'old'],
      ])
      await run()
      await fill([['B', 'old']])
      if (action === 'delete') {
        await run()
        lab.advance(day + 60_000)
      }
      const { plan, text } = await savePlan(lab, sync)
      expect(plan.plan).toMatchObject({ counts: { send: 1 } })
      await fill([
        ['A', 'old'],
        ['B', 'old'],
      ])
      await lab.writes()
      const applied = await applySaved(lab, sync, text)
      expect(applied).toMatchObject({ exitCode: 3, error: { code: 'E-PLAN-STALE' } })
      expect(await lab.writes()).toEqual([])
      expect(await segments()).toEqual({ keep: 'core', A: 'old', B: 'old' })
    })

    test('delete: a plan that could not be undone is not widened: another row that is due since waits for the next plan', async () => {
      define('delete')
      await fill([
        ['A', 'old'],
        ['B', 'old'],
      ])
      await run()
      await fill([['B', 'old']])
      await run()
      lab.advance(day + 60_000)
      const { text } = await savePlan(lab, sync)
      await fill([])
      expect(await applySaved(lab, sync, text)).toMatchObject({ exitCode: 0, totals: { succeeded: 1 } })
      expect(await segments()).toEqual({ keep: 'core', B: 'old' })
    })
  })

  describe('beside bulk jobs', () => {
    const bulk = 'limits: {batch_size: 20, concurrency: 2, bulk_above: 30}'

    test.each([
      ['clear_fields', null],
      ['{set: {Segment__c: gone}}', 'gone'],
    ])('%s goes by request, behind it what is many goes by job', async (action, left) => {
      define(action, bulk)
      await fill([...many('m', 40, 'old'), ...many('l', 35, 'old')])
      await run()
      await fill(many('m', 40, 'new'))
      await lab.writes()
      const planned = await lab.execute('plan', sync)
      expect(planned.plan).toMatchObject({ counts: { update: 75 } })
      expect(await run()).toMatchObject({ exitCode: 0, totals: { succeeded: 75, updated: 75 } })
      const paths = (await lab.writes()).map(({ path }) => path)
      expect(paths.filter((path) => path.includes('/jobs/ingest')).length).toBeGreaterThan(0)
      expect(paths.findIndex((path) => path.includes('/jobs/'))).toBe(
        paths.filter((path) => path.includes('/composite/')).length,
      )
      const found = await segments()
      expect(found.m1).toBe('new')
      expect(found.l1).toBe(left)
      await settled()
    })

    test('deletes wait for a plan without jobs, and then go', async () => {
      define('delete', bulk)
      await fill([...many('m', 40, 'old'), ...many('l', 3, 'old')])
      await run()
      await fill(many('m', 40, 'old'))
      await run()
      lab.advance(day + 60_000)
      await fill(many('m', 40, 'new'))
      expect(await run()).toMatchObject({
        totals: { succeeded: 40 },
        plan: { heldByReason: { 'delete:bulk_first': 3 } },
      })
      expect(await run()).toMatchObject({ totals: { succeeded: 3 } })
      expect(Object.keys(await segments())).toHaveLength(41)
      await settled()
    })

    test('more deletes than a job is worth are no reason to wait for a job', async () => {
      define('delete', bulk)
      await fill(many('l', 35, 'old'))
      await run()
      await fill([])
      await run()
      lab.advance(day + 60_000)
      expect(await run()).toMatchObject({ totals: { succeeded: 35 } })
      expect(await segments()).toEqual({ keep: 'core' })
      await settled()
    })

    test('changes of many kinds that make no job hold no delete up', async () => {
      define('delete', bulk)
      await fill([...many('m', 20, 'old'), ...many('l', 12, 'old')])
      await run()
      await fill(many('m', 20, 'old'))
      await run()
      lab.advance(day + 60_000)
      await fill(many('m', 20, 'new'))
      expect(await run()).toMatchObject({ totals: { succeeded: 32 } })
      expect(Object.keys(await segments())).toHaveLength(21)
      await settled()
    })

    test('a saved plan of both: the file of the job and the requests are those that were planned', async () => {
      define('clear_fields', bulk)
      await fill([...many('m', 40, 'old'), ...many('l', 3, 'old')])
      await run()
      await fill(many('m', 40, 'new'))
      const { plan, text } = await savePlan(lab, sync)
      await lab.writes()
      expect(await applySaved(lab, sync, text)).toMatchObject({ exitCode: 0, totals: { succeeded: 43 } })
      const pathOf = (path: string): string => path.replace(/750\w+/, '{id}')
      const asked = (await lab.writes()).map(({ method, path }) => `${method} ${pathOf(path)}`)
      expect(asked).toEqual(plan.plan?.predicted.requests.map(({ method, path }) => `${method} ${pathOf(path)}`))
      await settled()
    })
  })
})
