/** Corners of the pipeline where a value could be lost, doubled or taken for somebody else's. One body per warehouse. */

import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

const HOUR = 3_600_000

describe.each(warehousesUnderTest().map(({ name }) => name))('edges on %s', (name) => {
  let lab: SyncLab
  const opened: SyncLab[] = []
  beforeEach(async () => {
    lab = await openLab(name)
    opened.push(lab)
    await lab.emulator.control.putSchema('hubspot', 'contacts', {
      properties: [
        { name: 'plan', type: 'string', fieldType: 'text' },
        { name: 'seats', type: 'number', fieldType: 'number' },
        { name: 'seen', type: 'datetime', fieldType: 'date' },
      ],
    })
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
        { name: 'Seats__c', type: 'double', precision: 18, scale: 2 },
        { name: 'Open__c', type: 'double', precision: 18, scale: 2 },
      ],
    })
    await lab.exec(
      'create table backfeed.rows_given (id varchar(400), email varchar(200), plan varchar(200), seats decimal(18,4), wide decimal(38,0), seen timestamp)',
    )
  })
  afterAll(async () => {
    for (const one of opened) await one.close()
  })

  interface Given {
    id: string | null
    email?: string
    plan?: string | null
    seats?: number
    wide?: string
    seen?: string
  }
  const fill = (...rows: Given[]) => {
    const tuples = rows.map(
      (row) =>
        `(${quoted(row.id)}, ${quoted(row.email)}, ${quoted(row.plan)}, ${row.seats ?? 'null'}, ${row.wide ?? 'null'}, ${row.seen ? `timestamp '${row.seen}'` : 'null'})`,
    )
    const insert = tuples.length > 0 ? [`insert into backfeed.rows_given values ${tuples.join(', ')}`] : []
    return lab.exec('delete from backfeed.rows_given', ...insert)
  }
  const contacts = (fields: string, more = '') => `  - name: contacts
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: contacts}
    mode: upsert
    match: {field: email, from: email, strategy: unique_property}
    fields: [${fields}]
    ${openGuards}
    ${more}
`
  const accounts = (fields: string, more = '') =>
    `  - name: accounts
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields: ['{to: Name, from: id, write: on_create}', ${fields}]
    ${openGuards}
    ${more}
`
      .replaceAll("'{", '{')
      .replaceAll("}'", '}')
  const hub = async (): Promise<Record<string, string | null>[]> =>
    (
      (await lab.emulator.control.records('hubspot', 'contacts')) as unknown as {
        id: string
        properties: Record<string, string | null>
      }[]
    ).map((record) => ({ id: record.id, ...record.properties }))
  const sales = async () => (await lab.emulator.control.records('salesforce', 'Account')).filter((one) => one.Key__c)
  const lose = () =>
    lab.emulator.control.addFault([
      {
        match: { crm: 'hubspot', method: 'POST', path: '/.*batch.(upsert|update|create)/' },
        action: { drop_after_apply: true },
      },
      { match: { crm: 'salesforce', method: 'PATCH' }, action: { drop_after_apply: true } },
    ])

  test('a key whose match value changes never gets a second record', async () => {
    lab.syncs(contacts('{to: plan, from: plan}'))
    await fill({ id: 'K', email: 'a@x.io', plan: 'one' })
    await lab.execute('run', 'contacts')
    await fill({ id: 'K', email: 'b@x.io', plan: 'two' })
    const moved = await lab.execute('run', 'contacts')
    expect(moved.plan?.quarantineByReason).toEqual({ record_gone: 1 })
    expect(await hub()).toHaveLength(1)
    const [record] = await hub()
    await lab.emulator.control.putRecords('hubspot', 'contacts', [{ id: record?.id, email: 'b@x.io' }])
    expect(await lab.execute('run', 'contacts')).toMatchObject({ exitCode: 0, totals: { updated: 1 } })
    expect(await hub()).toMatchObject([{ email: 'b@x.io', plan: 'two' }])
  })

  test('a match value that changes alone is noticed, and the other record gets its values', async () => {
    lab.syncs(contacts('{to: plan, from: plan}', 'first_sync: overwrite'))
    await lab.emulator.control.putRecords('hubspot', 'contacts', [{ email: 'b@x.io', plan: 'by hand' }])
    await fill({ id: 'K', email: 'a@x.io', plan: 'one' })
    await lab.execute('run', 'contacts')
    await fill({ id: 'K', email: 'b@x.io', plan: 'one' })
    expect(await lab.execute('run', 'contacts')).toMatchObject({ totals: { updated: 1 } })
    expect((await hub()).find((one) => one.email === 'b@x.io')).toMatchObject({ plan: 'one' })
  })

  test('F70 a record that was deleted in the CRM is not made again', async () => {
    lab.syncs(accounts('{to: Plan__c, from: plan}'))
    await fill({ id: 'K', plan: 'one' })
    await lab.execute('run', 'accounts')
    const [record] = await sales()
    await lab.emulator.control.putRecords('salesforce', 'Account', [{ Id: record?.Id, Key__c: null }])
    await fill({ id: 'K', plan: 'two' })
    const gone = await lab.execute('run', 'accounts')
    expect(gone.plan?.quarantineByReason).toEqual({ record_gone: 1 })
    expect(await lab.query("select rule, code from backfeed_audit.quarantine where status = 'open'")).toEqual([
      ['record_gone', 'E-DATA-GONE'],
    ])
  })

  test('a lost answer and a source that goes back: the CRM ends with what the warehouse says', async () => {
    lab.syncs(contacts('{to: plan, from: plan}, {to: seats, from: seats}'))
    await fill({ id: 'K', email: 'a@x.io', plan: 'one', seats: 1 })
    await lab.execute('run', 'contacts')
    await fill({ id: 'K', email: 'a@x.io', plan: 'two', seats: 1 })
    await lose()
    expect(await lab.execute('run', 'contacts')).toMatchObject({ totals: { unknown: 1 } })
    await lab.emulator.control.clearFaults()
    await fill({ id: 'K', email: 'a@x.io', plan: 'one', seats: 1 })
    await lab.execute('run', 'contacts')
    lab.advance(HOUR)
    await lab.execute('run', 'contacts')
    expect(await hub()).toMatchObject([{ plan: 'one', seats: '1.0000' }])
  })

  test('a lost answer is not taken for settled while the request may still be on its way', async () => {
    lab.syncs(contacts('{to: plan, from: plan}'))
    await fill({ id: 'K', email: 'a@x.io', plan: 'one' })
    await lab.execute('run', 'contacts')
    await fill({ id: 'K', email: 'a@x.io', plan: 'two' })
    // The request dies before it is applied, as far as the CRM shows; it lands later.
    await lab.emulator.control.addFault({
      match: { crm: 'hubspot', method: 'POST', path: '/.*batch.upsert/' },
      action: { status: 502 },
    })
    expect(await lab.execute('run', 'contacts')).toMatchObject({ totals: { unknown: 1 } })
    await lab.emulator.control.clearFaults()
    await fill({ id: 'K', email: 'a@x.io', plan: 'one' })
    expect(await lab.execute('run', 'contacts')).toMatchObject({ exitCode: 5, unresolved: 1 })
    expect(await lab.execute('run', 'contacts')).toMatchObject({ exitCode: 5, unresolved: 1 })
    await lab.emulator.control.putRecords('hubspot', 'contacts', [{ email: 'a@x.io', plan: 'two' }])
    lab.advance(HOUR)
    expect(await lab.execute('run', 'contacts')).toMatchObject({ exitCode: 0, unresolved: 0 })
    expect(await hub()).toMatchObject([{ plan: 'one' }])
  })

  test('a lost create and a source that goes on: not taken for somebody else’s record', async () => {
    lab.syncs(contacts('{to: plan, from: plan}'))
    await fill({ id: 'K', email: 'a@x.io', plan: 'one' })
    await lose()
    await lab.execute('run', 'contacts')
    await lab.emulator.control.clearFaults()
    await fill({ id: 'K', email: 'a@x.io', plan: 'two' })
    lab.advance(HOUR)
    const after = await lab.execute('run', 'contacts')
    expect(after).toMatchObject({ exitCode: 0, totals: { updated: 1, created: 0 } })
    expect(await hub()).toMatchObject([{ plan: 'two' }])
  })

  test('a row that was in quarantine for a while still knows what it wrote', async () => {
    lab.syncs(accounts('{to: Plan__c, from: plan}'))
    await fill({ id: 'K', plan: 'one' })
    await lab.execute('run', 'accounts')
    await fill({ id: 'K', plan: 'two' }, { id: 'K', plan: 'three' })
    expect((await lab.execute('run', 'accounts')).plan?.counts).toMatchObject({ quarantined: 1 })
    await fill({ id: 'K', plan: 'two' })
    expect(await lab.execute('run', 'accounts')).toMatchObject({ totals: { updated: 1 } })
    expect(await sales()).toMatchObject([{ Plan__c: 'two' }])
  })

  test('a key that only wanted a record does not keep it from its owner', async () => {
    lab.syncs(contacts('{to: plan, from: plan}', 'first_sync: overwrite'))
    await fill({ id: 'K1', email: 'a@x.io', plan: 'one' })
    await lab.execute('run', 'contacts')
    await fill({ id: 'K1', email: 'a@x.io', plan: 'one' }, { id: 'K2', email: 'a@x.io', plan: 'thief' })
    expect((await lab.execute('run', 'contacts')).plan?.counts).toMatchObject({ quarantined: 1 })
    await fill({ id: 'K1', email: 'a@x.io', plan: 'two' }, { id: 'K2', email: 'not an address', plan: 'thief' })
    expect(await lab.execute('run', 'contacts')).toMatchObject({ totals: { updated: 1 } })
    expect(
      await lab.query(
        'select crm_id, count(distinct row_key) from backfeed.sync_identity group by 1 having count(distinct row_key) > 1',
      ),
    ).toEqual([])
  })

  test('white space of any kind is no value: nothing is blanked by it', async () => {
    lab.syncs(accounts('{to: Plan__c, from: plan}'))
    await fill({ id: 'K', plan: 'one' })
    await lab.execute('run', 'accounts')
    await fill({ id: 'K', plan: '\t\n ' })
    expect(await lab.execute('run', 'accounts')).toMatchObject({ totals: { writeCalls: 0 } })
    expect(await sales()).toMatchObject([{ Plan__c: 'one' }])
  })

  test('a number that no CRM can hold waits in quarantine and stops nobody else', async () => {
    lab.syncs(contacts('{to: seats, from: wide}'))
    await fill(
      { id: 'K1', email: 'a@x.io', wide: '99999999999999999999999999999999999999' },
      { id: 'K2', email: 'b@x.io', wide: '7' },
    )
    const ran = await lab.execute('run', 'contacts')
    expect(ran.plan?.quarantineByReason).toEqual({ seats_out_of_range: 1 })
    expect(await hub()).toMatchObject([{ email: 'b@x.io', seats: '7' }])
  })

  test('a number with more places than the CRM keeps waits in quarantine, and goes once it fits', async () => {
    lab.syncs(accounts('{to: Plan__c, from: plan}, {to: Seats__c, from: seats}'))
    await fill({ id: 'K', plan: 'one', seats: 1.2345 })
    const waiting = await lab.execute('run', 'accounts')
    expect(waiting.plan?.quarantineByReason).toEqual({ Seats__c_too_precise: 1 })
    expect(await lab.sent()).toEqual([])
    await fill({ id: 'K', plan: 'one', seats: 1.23 })
    await lab.execute('run', 'accounts')
    expect(await sales()).toMatchObject([{ Plan__c: 'one', Seats__c: 1.23 }])
  })

  test('HubSpot keeps milliseconds, and a change of some is a change', async () => {
    lab.syncs(contacts('{to: seen, from: seen}'))
    await fill({ id: 'K', email: 'a@x.io', seen: '2026-01-02 03:04:05.100' })
    await lab.execute('run', 'contacts')
    await fill({ id: 'K', email: 'a@x.io', seen: '2026-01-02 03:04:05.200' })
    expect(await lab.execute('run', 'contacts')).toMatchObject({ totals: { succeeded: 1 } })
    expect(String((await hub())[0]?.seen)).toContain('05.2')
  })

  test('a key that is sensitive stands in no audit row, sample or view', async () => {
    lab.syncs(
      `${contacts('{to: plan, from: plan}')}`.replace('primary_key: id', 'primary_key: email'),
      '      - name: rows_given\n        columns: [{name: email, semantic_type: email}]',
    )
    await fill(
      { id: '1', email: 'ada@x.io', plan: 'one' },
      { id: '2', email: 'bob@x.io', plan: 'one' },
      { id: '2', email: 'bob@x.io', plan: 'x' },
    )
    const planned = await lab.execute('plan', 'contacts')
    expect(JSON.stringify(planned)).not.toMatch(/ada@|bob@/)
    expect(await lab.execute('run', 'contacts')).toMatchObject({ totals: { created: 1 } })
    for (const table of ['sync_plan_row', 'sync_plan_field', 'sync_result', 'sync_quarantine_event', 'sync_identity'])
      expect(JSON.stringify(await lab.query(`select * from backfeed.${table}`))).not.toMatch(/ada@|bob@/)
    for (const view of ['changes', 'field_changes', 'record_history', 'quarantine'])
      expect(JSON.stringify(await lab.query(`select * from backfeed_audit.${view}`))).not.toMatch(/ada@|bob@/)
    expect(await lab.execute('run', 'contacts')).toMatchObject({ totals: { writeCalls: 0 } })
  })

  test('a blank text is not twice the same text', async () => {
    lab.syncs(accounts('{to: Seats__c, from: seats}', 'validate: [{column: plan, rule: unique}]'))
    await fill(
      { id: 'K1', plan: '', seats: 1 },
      { id: 'K2', plan: ' ', seats: 2 },
      { id: 'K3', plan: 'x', seats: 3 },
      { id: 'K4', plan: 'x', seats: 4 },
    )
    expect((await lab.execute('run', 'accounts')).plan?.counts).toMatchObject({ create: 2, quarantined: 2 })
  })

  test.each([
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 2],
  ])('%i rows in batches of two are %i requests', async (rows, calls) => {
    lab.syncs(accounts('{to: Plan__c, from: plan}', 'limits: {batch_size: 2}'))
    await fill(...Array.from({ length: rows }, (_, index) => ({ id: `K${index}`, plan: 'one' })))
    const planned = await lab.execute('plan', 'accounts')
    expect(planned.plan?.predicted.requests).toHaveLength(calls)
    expect(await lab.execute('run', 'accounts')).toMatchObject({
      exitCode: 0,
      totals: { writeCalls: calls, created: rows },
    })
  })

  test('a row with an unknown outcome that leaves the model is no longer waited for', async () => {
    lab.syncs(contacts('{to: plan, from: plan}'))
    await fill({ id: 'K', email: 'a@x.io', plan: 'one' }, { id: 'L', email: 'b@x.io', plan: 'one' })
    await lose()
    expect(await lab.execute('run', 'contacts')).toMatchObject({ exitCode: 5, unresolved: 2 })
    await lab.emulator.control.clearFaults()
    await fill({ id: 'L', email: 'b@x.io', plan: 'one' })
    lab.advance(HOUR)
    const after = await lab.execute('run', 'contacts')
    expect(after).toMatchObject({ exitCode: 0, unresolved: 0 })
    expect(after.plan?.counts).toMatchObject({ removed: 1, noop: 0 })
    expect((await lab.execute('run', 'contacts')).plan?.counts).toMatchObject({ removed: 0, candidates: 0 })
  })

  test('a field that leaves the mapping and comes back is met as if for the first time', async () => {
    const both = accounts('{to: Plan__c, from: plan}, {to: Seats__c, from: seats}')
    const one = accounts('{to: Plan__c, from: plan}')
    lab.syncs(both)
    await fill({ id: 'K', plan: 'one', seats: 1 })
    await lab.execute('run', 'accounts')
    lab.syncs(one)
    await lab.execute('run', 'accounts')
    await lab.emulator.control.putRecords('salesforce', 'Account', [{ Id: (await sales())[0]?.Id, Seats__c: 99 }])
    lab.syncs(both)
    const again = await lab.execute('run', 'accounts')
    expect(again.plan?.heldByReason).toEqual({ first_contact: 1 })
    expect(await sales()).toMatchObject([{ Seats__c: 99 }])
  })
})
