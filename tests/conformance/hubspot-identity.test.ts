/** Which record a row belongs to, when HubSpot's own idea of it changes: further addresses, merges, archives, spellings of keys. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

type Properties = Record<string, string | null>

describe.each(warehousesUnderTest().map(({ name }) => name))('identity on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.exec('create table backfeed.rows_given (id varchar(40), email varchar(80), job varchar(80))')
  })
  afterAll(() => lab.close())
  beforeEach(async () => {
    await lab.emulator.control.reset()
    await lab.emulator.control.putSchema('hubspot', 'contacts', {
      properties: [
        { name: 'ext_id', type: 'string', hasUniqueValue: true },
        { name: 'hs_merged_object_ids', type: 'string' },
      ],
    })
  })

  let serial = 0
  /** A sync with state of its own. */
  const define = (match: string, mode = 'upsert'): string => {
    serial += 1
    const sync = `identity_${serial}`
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: contacts}
    mode: ${mode}
    match: {field: ${match}, from: ${match === 'email' ? 'email' : 'id'}, strategy: unique_property}
    fields: [{to: jobtitle, from: job}${match === 'email' || mode === 'update' ? '' : ', {to: firstname, value: made, write: on_create}'}]
    ${openGuards}
`)
    return sync
  }
  const fill = (...rows: readonly (readonly [id: string, email: string | null, job: string])[]) =>
    lab.exec(
      'delete from backfeed.rows_given',
      `insert into backfeed.rows_given values ${rows.map((row) => `(${row.map(quoted).join(', ')})`).join(', ')}`,
    )
  const run = async (sync: string) => {
    const result = await lab.execute('run', sync)
    expect(result.error?.problems ?? []).toEqual([])
    return result
  }
  const records = async () => {
    const list = await lab.emulator.control.records('hubspot', 'contacts')
    return list.map((record): Properties => ({ ...(record.properties as Properties), id: String(record.id) }))
  }
  const put = (...rows: readonly Record<string, unknown>[]) =>
    lab.emulator.control.putRecords('hubspot', 'contacts', rows)
  const waiting = async (sync: string) =>
    (await lab.query(`select row_key, rule from backfeed_audit.quarantine where sync_name = '${sync}' order by 1`)).map(
      (row) => row.join(' '),
    )

  test('D35: 00123 and 123 are two records, and neither becomes a number', async () => {
    const sync = define('ext_id')
    await fill(['00123', null, 'a'], ['123', null, 'b'])
    await lab.writes()
    expect(await run(sync)).toMatchObject({ totals: { succeeded: 2 } })
    expect((await lab.sent()).map(({ properties }) => (properties as Properties).ext_id).sort()).toEqual([
      '00123',
      '123',
    ])
    const found = (await records()).map(({ ext_id, jobtitle }) => [ext_id, jobtitle]).sort()
    expect(found).toEqual([
      ['00123', 'a'],
      ['123', 'b'],
    ])
    await lab.writes()
    await run(sync)
    expect(await lab.writes()).toEqual([])
  })

  test('F76 two spellings of one address in the model wait, and neither is sent', async () => {
    const sync = define('email')
    await fill(['1', 'Ann@Example.com', 'a'], ['2', ' ann@example.com', 'b'], ['3', 'bo@example.com', 'c'])
    await run(sync)
    expect(await waiting(sync)).toEqual(['1 match_unique', '2 match_unique'])
    expect((await records()).map(({ email }) => email)).toEqual(['bo@example.com'])
  })

  test('D38: an address HubSpot would refuse as a key waits', async () => {
    const sync = define('email')
    await fill(['1', 'a@b', 'a'])
    await run(sync)
    expect(await waiting(sync)).toEqual(['1 email_invalid_email'])
    expect(await records()).toEqual([])
  })

  test('a contact met by a further address is updated, and keeps the address it shows', async () => {
    await put({ email: 'main@example.com', hs_additional_emails: 'old@example.com;older@example.com', jobtitle: '' })
    const sync = define('email')
    await fill(['1', 'OLD@example.com', 'boss'])
    await lab.writes()
    const result = await run(sync)
    expect(result.totals).toMatchObject({ succeeded: 1, rejected: 0 })
    const [input, ...others] = await lab.sent()
    expect(others).toEqual([])
    expect(input?.properties).toEqual({ jobtitle: 'boss' })
    expect(await records()).toMatchObject([{ email: 'main@example.com', jobtitle: 'boss' }])
    await run(sync)
    expect(await lab.writes()).toEqual([])
  })

  test('two rows that lead to one contact by two of its addresses wait', async () => {
    await put({ email: 'main@example.com', hs_additional_emails: 'old@example.com' })
    const sync = define('email')
    await fill(['1', 'old@example.com', 'a'], ['2', 'main@example.com', 'b'])
    await run(sync)
    expect(await waiting(sync)).toEqual(['1 match_claimed_twice', '2 match_claimed_twice'])
  })

  test('a row that comes later does not take over the contact of another row', async () => {
    await put({ email: 'main@example.com', hs_additional_emails: 'old@example.com' })
    const sync = define('email')
    await fill(['1', 'main@example.com', 'a'])
    await run(sync)
    await fill(['1', 'main@example.com', 'a'], ['2', 'old@example.com', 'b'])
    await run(sync)
    expect(await waiting(sync)).toEqual(['2 match_claimed_twice'])
    expect(await records()).toMatchObject([{ jobtitle: 'a' }])
  })

  test('F70 a merged contact has a new id: the row that keeps its key goes on, the other one waits', async () => {
    const sync = define('ext_id')
    await fill(['1', null, 'a'], ['2', null, 'b'])
    await run(sync)
    const before = await records()
    const idOf = (key: string) => before.find(({ ext_id }) => ext_id === key)?.id ?? ''
    await lab.emulator.control.act('hubspot', 'merge', { object: 'contacts', primary: idOf('1'), merged: idOf('2') })
    await fill(['1', null, 'changed'], ['2', null, 'changed too'])
    const result = await run(sync)
    expect(result.totals).toMatchObject({ succeeded: 1 })
    const after = await records()
    expect(after).toMatchObject([{ ext_id: '1', jobtitle: 'changed' }])
    expect(after[0]?.id).not.toBe(idOf('1'))
    expect(await waiting(sync)).toEqual(['2 record_gone'])
    await lab.writes()
    await run(sync)
    expect(await lab.writes()).toEqual([])
  })

  test('D55: an archived record is not made again', async () => {
    const sync = define('ext_id')
    await fill(['1', null, 'a'])
    await run(sync)
    const [record] = await records()
    await put({ id: record?.id, archived: true })
    await fill(['1', null, 'b'])
    await run(sync)
    expect(await waiting(sync)).toEqual(['1 record_gone'])
    expect(await records()).toEqual([])
  })

  test('a step back of the lifecycle stage is told, not sent, and not tried for ever', async () => {
    serial += 1
    const sync = `identity_${serial}`
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: contacts}
    mode: upsert
    match: {field: email, from: email, strategy: unique_property}
    first_sync: overwrite
    fields: [{to: lifecyclestage, from: job}]
    ${openGuards}
`)
    await put(
      { email: 'a@example.com', lifecyclestage: 'customer' },
      { email: 'b@example.com', lifecyclestage: 'lead' },
    )
    await fill(['1', 'a@example.com', 'lead'], ['2', 'b@example.com', 'customer'])
    await lab.writes()
    const result = await run(sync)
    expect(result.totals).toMatchObject({ succeeded: 1 })
    expect((await lab.sent()).map(({ properties }) => (properties as Properties).lifecyclestage)).toEqual(['customer'])
    const told = await lab.query(
      `select row_key, field, action from backfeed_audit.field_changes where sync_name = '${sync}' and action = 'not_applied'`,
    )
    expect(told).toEqual([['1', 'lifecyclestage', 'not_applied']])
    const reasons = await lab.query(
      "select row_key, decision, reason from backfeed.sync_plan_row where reason = 'stage_backward'",
    )
    expect(reasons).toEqual([['1', 'noop', 'stage_backward']])
    expect(await run(sync)).toMatchObject({ planned: 0, exitCode: 0 })
    expect(await lab.writes()).toEqual([])
    // Forward of what is stored again: sent.
    await fill(['1', 'a@example.com', 'evangelist'], ['2', 'b@example.com', 'customer'])
    await run(sync)
    expect((await records()).map(({ lifecyclestage }) => lifecyclestage)).toEqual(['evangelist', 'customer'])
  })

  test.each(['update', 'create'] as const)('mode %s reads first and touches only what it may', async (mode) => {
    await put({ ext_id: 'there', firstname: 'x', jobtitle: '' })
    const sync = define('ext_id', mode)
    await fill(['there', null, 'a'], ['absent', null, 'b'])
    const result = await run(sync)
    expect(result.totals).toMatchObject({ succeeded: 1 })
    expect(result.plan?.counts).toMatchObject({ send: 1, skipped: 1 })
    const found = (await records()).map(({ ext_id, jobtitle }) => [ext_id, jobtitle || null]).sort()
    expect(found).toEqual(
      mode === 'update'
        ? [['there', 'a']]
        : [
            ['absent', 'b'],
            ['there', null],
          ],
    )
  })
})
