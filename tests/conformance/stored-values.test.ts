/** A CRM that stores values in a form of its own: learnt, remembered beside what was sent, and never taken for drift. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Purpose } from '../../runner/sync/purpose.ts'
import { rebuildState, rebuiltColumns } from '../../runner/sync/rebuild-state.ts'
import { syncPurpose } from '../../runner/sync/sync-purpose.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

describe.each(warehousesUnderTest().map(({ name }) => name))('stored values on %s', (name) => {
  let lab: SyncLab
  const opened: SyncLab[] = []
  beforeEach(async () => {
    lab = await openLab(name)
    opened.push(lab)
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
        { name: 'Seats__c', type: 'double', precision: 18, scale: 4 },
      ],
    })
    await lab.emulator.control.putSchema('hubspot', 'companies', {
      properties: [
        { name: 'customer_key', type: 'string', hasUniqueValue: true },
        { name: 'plan', type: 'string' },
        { name: 'seats', type: 'number', fieldType: 'number' },
      ],
    })
    await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(200), seats decimal(18,4))')
  })
  afterAll(async () => {
    for (const one of opened) await one.close()
  })

  const crms = {
    salesforce: {
      object: 'Account',
      match: 'match: {field: Key__c, from: id, strategy: external_id}',
      fields: '{to: Name, from: id, write: on_create}, {to: Plan__c, from: plan}, {to: Seats__c, from: seats}',
      plan: 'Plan__c',
      seats: 'Seats__c',
    },
    hubspot: {
      object: 'companies',
      match: 'match: {field: customer_key, from: id, strategy: unique_property}',
      fields: '{to: plan, from: plan}, {to: seats, from: seats}',
      plan: 'plan',
      seats: 'seats',
    },
  } as const
  type Crm = keyof typeof crms

  const given = async (crm: Crm, { more = '', guards = openGuards } = {}) => {
    const { object, match, fields } = crms[crm]
    lab.syncs(`  - name: rows
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: ${crm}, object: ${object}}
    mode: upsert
    ${match}
    fields: [${fields}]
    ${guards}
    ${more}
`)
  }
  const fill = (rows: number, plan = 'Gold Plan', seats = '1.4') => {
    const tuples = Array.from({ length: rows }, (_, index) => `(${quoted(`k${index}`)}, ${quoted(plan)}, ${seats})`)
    return lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${tuples.join(', ')}`)
  }
  const reshapes = (crm: Crm, how: Record<string, string>) =>
    lab.emulator.control.putPolicies(crm, { objects: { [crms[crm].object]: { reshapes: how } } })
  const held = async (crm: Crm) => {
    const records = await lab.emulator.control.records(crm, crms[crm].object)
    return records.map((record) => (crm === 'hubspot' ? Object(record.properties) : record) as Record<string, unknown>)
  }

  test.each(['salesforce', 'hubspot'] as const)(
    '%s: a value stored in small letters and rounded is no drift',
    async (crm) => {
      const { plan, seats } = crms[crm]
      await reshapes(crm, { [plan]: 'lower', [seats]: 'whole' })
      await given(crm)
      await fill(40)
      const first = await lab.execute('run', 'rows')
      expect(first).toMatchObject({ exitCode: 0, totals: { succeeded: 40 } })
      const learnt = await lab.query('select distinct field from backfeed.sync_stored order by 1')
      expect(learnt.map(([field]) => field)).toEqual([plan, seats].sort())
      expect(lab.warnings().filter(({ code }) => code === 'W-VALUE-TRANSFORMED')).toHaveLength(2)
      const cells = await lab.query('select stored_value, count(*) from backfeed.sync_stored group by 1 order by 1')
      const rows = crm === 'salesforce' ? 25 : 40
      expect(cells).toEqual([
        ['1', String(rows)],
        ['gold plan', String(rows)],
      ])

      // Only the number changes: what the CRM made of the text is neither sent again nor drift.
      await lab.writes()
      await lab.exec('update backfeed.rows_given set seats = 7')
      const second = await lab.execute('run', 'rows')
      expect(second).toMatchObject({ exitCode: 0, plan: { counts: { send: 40, drift: 0 } } })
      expect(second.plan?.warnings).toEqual([])
      const bodies = (await lab.writes()).map(({ body }) => JSON.stringify(body)).join()
      expect(bodies).not.toMatch(/gold plan/i)
      expect(await lab.query('select count(*) from backfeed_audit.drift')).toEqual([['0']])
      expect(lab.warnings().filter(({ code }) => code === 'W-VALUE-TRANSFORMED')).toEqual([])

      // Somebody else's text is.
      const [record] = await lab.emulator.control.records(crm, crms[crm].object)
      const id = String(crm === 'salesforce' ? record?.Id : record?.id)
      await lab.emulator.control.putRecords(crm, crms[crm].object, [
        crm === 'salesforce' ? { Id: id, [plan]: 'theirs' } : { id, properties: { [plan]: 'theirs' } },
      ])
      await lab.exec('update backfeed.rows_given set seats = 8')
      expect(await lab.execute('run', 'rows')).toMatchObject({ exitCode: 0, plan: { counts: { send: 40, drift: 1 } } })
    },
  )

  test('state and what the log rebuilds agree on stored values', async () => {
    await reshapes('hubspot', { plan: 'upper' })
    await given('hubspot')
    await fill(3)
    await lab.execute('run', 'rows')
    const select = 'select row_key, acked_plan, stored_plan, stored_seats from backfeed.state_rows order by row_key'
    const before = await lab.query(select)
    expect(before[0]).toEqual(['k0', 'Gold Plan', 'GOLD PLAN', null])
    await lab.execute('plan', 'rows', { purpose: rebuilding })
    expect(await lab.query(select)).toEqual(before)
  })

  test('of a hidden column the log holds the hash of what was stored, not the value', async () => {
    await reshapes('hubspot', { plan: 'upper' })
    await given('hubspot', { more: 'audit: {sensitive: {plan: hash}}' })
    await fill(3)
    await lab.execute('run', 'rows')
    const cells = await lab.query('select stored_value, stored_hash is not null from backfeed.sync_stored')
    expect(cells).toHaveLength(3)
    for (const cell of cells) expect(cell).toEqual([null, 'true'])
  })

  test('an automation that overwrites the first rows stops the run; the others stay planned', async () => {
    await reshapes('salesforce', { Plan__c: 'fixed' })
    await given('salesforce')
    await fill(60)
    const result = await lab.execute('run', 'rows')
    expect(result).toMatchObject({ exitCode: 1, status: 'partial', error: { code: 'E-RUN-CANARY' } })
    expect(result.totals).toMatchObject({ succeeded: 25, retryable: 35 })
    expect(result.message).toContain('Plan__c in 25 rows')
    expect(result.message).not.toContain('Gold')
    expect(result.error?.problems[0]?.at?.file).toBe('syncs/syncs.yml')
    expect((await held('salesforce')).filter((record) => record.Key__c)).toHaveLength(25)
    expect(await lab.query('select count(*) from backfeed.sync_stored')).toEqual([['0']])
    await reshapes('salesforce', {})
    expect(await lab.execute('run', 'rows')).toMatchObject({ exitCode: 0, totals: { succeeded: 35 } })
  })

  test('the plan says what the canary costs, and 0 switches it off', async () => {
    await given('salesforce')
    await fill(60)
    const planned = await lab.execute('plan', 'rows')
    expect(planned.plan?.predicted).toMatchObject({ writeCalls: 2, readCalls: 2 })
    await given('salesforce', { guards: openGuards.replace('{', '{canary_rows: 0, ') })
    expect((await lab.execute('plan', 'rows')).plan?.predicted).toMatchObject({ writeCalls: 1, readCalls: 1 })
    await reshapes('salesforce', { Plan__c: 'fixed' })
    expect(await lab.execute('run', 'rows')).toMatchObject({ exitCode: 0, totals: { succeeded: 60 } })
  })

  test('a run with nothing behind its first rows reads them back once per mapping', async () => {
    await given('salesforce')
    await fill(3)
    expect(await lab.execute('run', 'rows')).toMatchObject({ plan: { predicted: { readCalls: 2 } } })
    await lab.exec('update backfeed.rows_given set seats = 2')
    expect(await lab.execute('run', 'rows')).toMatchObject({ plan: { predicted: { readCalls: 1 } } })
  })
})

/** A plan that first throws state away and makes it anew from the log. */
const rebuilding: Purpose = {
  ...syncPurpose,
  async prepare(run) {
    expect(rebuiltColumns(run)).toContain('stored_plan')
    await rebuildState(run)
    await syncPurpose.prepare(run)
  },
}
