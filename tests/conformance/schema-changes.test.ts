/** What a sync does when the key, the mapping, the CRM's fields or the organisation are others than before (protocol A17, A19). */
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Purpose } from '../../runner/sync/purpose.ts'
import { rebuildState } from '../../runner/sync/rebuild-state.ts'
import { syncPurpose } from '../../runner/sync/sync-purpose.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

describe.each(warehousesUnderTest().map(({ name }) => name))('schema changes on %s', (name) => {
  let lab: SyncLab
  const opened: SyncLab[] = []
  const key = { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true }
  const plan = { name: 'Plan__c', type: 'string', length: 80 }
  const seats = { name: 'Seats__c', type: 'double', precision: 18, scale: 2 }
  const schema = (...fields: object[]) => lab.emulator.control.putSchema('salesforce', 'Account', { fields })

  const access = (fields: object) =>
    lab.emulator.control.putPolicies('salesforce', { objects: { Account: { fields } } })

  beforeEach(async () => {
    lab = await openLab(name)
    opened.push(lab)
    await schema(key, plan, seats)
    await lab.exec(
      'create table backfeed.rows_given (id varchar(40), other varchar(40), plan varchar(80), seats decimal(18,2))',
    )
    await fill('pro', 'basic')
  })
  afterAll(async () => {
    for (const one of opened) await one.close()
  })

  const fill = (...plans: string[]) => {
    const tuples = plans.map((value, index) => `(${quoted(`k${index}`)}, ${quoted(`o${index}`)}, ${quoted(value)}, 1)`)
    return lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${tuples.join(', ')}`)
  }
  const both = '{to: Plan__c, from: plan}, {to: Seats__c, from: seats}'
  const given = (fields = both, { primaryKey = 'id', mode = 'upsert', more = '' } = {}) =>
    lab.syncs(`  - name: accounts
    model: source('app', 'rows_given')
    primary_key: ${primaryKey}
    destination: {connection: salesforce, object: Account}
    mode: ${mode}
    match: {field: Key__c, from: id, strategy: external_id}
    fields: [{to: Name, from: id, write: on_create}, ${fields}]
    ${openGuards}
    ${more}
`)
  const run = () => lab.execute('run', 'accounts')
  const records = async () =>
    (await lab.emulator.control.records('salesforce', 'Account')).filter(({ Key__c }) => Key__c)
  const edit = async (values: object) => {
    for (const { Id } of await records())
      await lab.emulator.control.putRecords('salesforce', 'Account', [{ Id, ...values }])
  }
  const refused = async () => {
    await lab.writes()
    const result = await run()
    expect(await lab.writes()).toEqual([])
    return result
  }

  test('E-STATE-KEY-CHANGED: another primary key is refused until state is dropped', async () => {
    given()
    await run()
    given(both, { primaryKey: 'other' })
    const result = await refused()
    expect(result).toMatchObject({ exitCode: 3, error: { code: 'E-STATE-KEY-CHANGED' } })
    expect(result.message).toContain('was id text and is other text now')
    expect(result.error?.problems[0]?.at?.file).toBe('syncs/syncs.yml')
    await lab.exec('drop table backfeed.state_accounts')
    expect(await run()).toMatchObject({ exitCode: 0 })
    given()
    expect(await refused()).toMatchObject({ error: { code: 'E-STATE-KEY-CHANGED' } })
  })

  test('a field that is added is named with what waits for it; one that is removed is left to the CRM', async () => {
    given('{to: Plan__c, from: plan}')
    await run()
    await edit({ Seats__c: 9 })
    given()
    const added = await lab.execute('plan', 'accounts')
    expect(added.plan?.warnings).toContainEqual(
      'the mapping is another than at the last run: Seats__c is new (2 records hold another value of it)',
    )
    await run()
    given('{to: Seats__c, from: seats, on_null: clear}')
    const removed = await lab.execute('plan', 'accounts')
    expect(removed.plan?.warnings.join()).toContain('Plan__c is left to the CRM from now on')
    expect(removed.plan?.warnings.join()).toContain('Seats__c: null policy ignore is clear now')
    expect((await records()).map(({ Plan__c }) => Plan__c).sort()).toEqual(['basic', 'pro'])
  })

  test('a field that comes back starts as a first contact, and so it does in a rebuilt state', async () => {
    given()
    await run()
    given('{to: Seats__c, from: seats}')
    await run()
    await edit({ Plan__c: 'theirs' })
    given()
    await fill('pro2', 'basic2')
    const back = await run()
    expect(back.plan?.heldByReason).toEqual({ first_contact: 2 })
    expect((await records()).map(({ Plan__c }) => Plan__c)).toEqual(['theirs', 'theirs'])
    const state =
      'select row_key, known_plan__c, acked_plan__c, known_seats__c, acked_seats__c from backfeed.state_accounts order by 1'
    const before = await lab.query(state)
    await lab.execute('plan', 'accounts', { purpose: rebuilding })
    expect(await lab.query(state)).toEqual(before)
  })

  test.each([
    ['is deleted', () => access({ Plan__c: 'hidden' }), 'E-MAP-UNKNOWN-FIELD'],
    ['is read-only', () => access({ Plan__c: 'read_only' }), 'E-MAP-PERMISSION'],
    ['became a number', () => schema(key, { ...seats, name: 'Plan__c' }, seats), 'E-MAP-TYPE'],
    [
      'is required and not mapped',
      () => schema(key, plan, seats, { name: 'New__c', type: 'string', length: 9, nillable: false }),
      'E-MAP-REQUIRED',
    ],
    ['is no unique key any more', () => schema({ ...key, unique: false }, plan, seats), 'E-MAP-NOKEY'],
  ])(
    'F73: a field that %s since the last run stops the sync with its line, before any write',
    async (_, change, code) => {
      given()
      await run()
      await change()
      await fill('pro2', 'basic2')
      const failure = await refused()
      const problem = failure.error?.problems.find((each) => each.code === code)
      expect(problem?.at).toMatchObject({ file: 'syncs/syncs.yml' })
      expect(problem?.message).toMatch(/Plan__c|New__c|Key__c/)
    },
  )

  test('F73: rows that no longer fit a shorter field or a shorter list wait in quarantine', async () => {
    given()
    await run()
    await schema(key, { ...plan, length: 4 }, seats)
    await fill('longer than four', 'new')
    expect(await run()).toMatchObject({ plan: { counts: { quarantined: 1, send: 1 } } })
    await schema(key, { name: 'Plan__c', type: 'picklist', restrictedPicklist: true, picklistValues: ['new'] }, seats)
    await fill('gone', 'new')
    expect(await run()).toMatchObject({ plan: { counts: { quarantined: 1, send: 0 } } })
  })

  test('write: if_empty looks at the live value, whatever was acknowledged', async () => {
    given('{to: Plan__c, from: plan, write: if_empty}')
    await run()
    await edit({ Plan__c: null })
    await fill('second', 'second')
    expect(await run()).toMatchObject({ totals: { succeeded: 2 } })
    await edit({ Plan__c: 'theirs' })
    await fill('third', 'third')
    expect(await run()).toMatchObject({ plan: { counts: { send: 0 } } })
    expect((await records()).map(({ Plan__c }) => Plan__c)).toEqual(['theirs', 'theirs'])
  })
})

const rebuilding: Purpose = {
  ...syncPurpose,
  async prepare(run) {
    await rebuildState(run)
    await syncPurpose.prepare(run)
  },
}

describe.each(warehousesUnderTest().map(({ name }) => name))('another organisation on %s', (name) => {
  const opened: SyncLab[] = []
  const env: Record<string, string> = {}
  afterAll(async () => {
    for (const one of opened) await one.close()
  })

  const labWith = async (expectation: string) => {
    Object.assign(env, { HS_TOKEN: 'pat-na1-00000000-0000-4000-8000-000000000000', PORTAL: '111' })
    const lab = await openLab(name, {
      env,
      hubspot: async (url) =>
        `{base_url: "${url}", access_token: "{{ env_var('HS_TOKEN') }}"${expectation === '' ? '' : `, expect: ${expectation}`}}`,
    })
    opened.push(lab)
    await lab.emulator.control.putSchema('hubspot', 'companies', {
      properties: [
        { name: 'customer_key', type: 'string', hasUniqueValue: true },
        { name: 'plan', type: 'string' },
      ],
    })
    await lab.exec(
      'create table backfeed.rows_given (id varchar(40), plan varchar(80))',
      "insert into backfeed.rows_given values ('k1', 'pro')",
    )
    lab.syncs(`  - name: companies
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: companies}
    mode: upsert
    match: {field: customer_key, from: id, strategy: unique_property}
    fields: [{to: plan, from: plan}]
    ${openGuards}
`)
    return lab
  }
  const portal = (lab: SyncLab, portal_id: number, account_type = 'SANDBOX') =>
    lab.emulator.control.putPolicies('hubspot', { account: { portal_id, account_type } })

  test('F79: a target for a sandbox that reaches production is refused before anything is written', async () => {
    const lab = await labWith('{is_sandbox: true}')
    await portal(lab, 111, 'STANDARD')
    await expect(lab.execute('run', 'companies')).rejects.toMatchObject({ code: 'E-TGT-ORG', exitCode: 3 })
    expect(await lab.writes()).toEqual([])
  })

  test('F80: a refreshed sandbox starts from an empty base once its new id is pinned, and the old one is kept', async () => {
    const lab = await labWith('{portal_id: "{{ env_var(\'PORTAL\') }}"}')
    await portal(lab, 111)
    expect(await lab.execute('run', 'companies')).toMatchObject({ exitCode: 0, totals: { created: 1 } })
    // The copy holds what production holds, under a new id.
    await portal(lab, 222)
    env.PORTAL = '222'
    const [company] = await lab.emulator.control.records('hubspot', 'companies')
    await lab.emulator.control.putRecords('hubspot', 'companies', [{ id: company?.id, properties: { plan: 'copied' } }])
    await lab.writes()
    expect(await lab.execute('run', 'companies')).toMatchObject({ plan: { heldByReason: { first_contact: 1 } } })
    expect(await lab.writes()).toEqual([])
    // Back in the old one everything is as it was.
    await portal(lab, 111)
    env.PORTAL = '111'
    const kept = await lab.query(
      "select count(*) from information_schema.tables where table_name like 'kept_%_companies'",
    )
    expect(kept).toEqual([['1']])
    expect(await lab.execute('plan', 'companies')).toMatchObject({ exitCode: 0, plan: { counts: { held: 0 } } })
  })

  test('without a pin another organisation is refused, with what to write', async () => {
    const lab = await labWith('')
    await portal(lab, 111)
    await lab.execute('run', 'companies')
    await portal(lab, 222)
    await lab.writes()
    const result = await lab.execute('run', 'companies')
    expect(result).toMatchObject({ exitCode: 3, error: { code: 'E-TGT-ORG' } })
    expect(result.error?.problems[0]?.help).toContain('portal_id')
    expect(await lab.writes()).toEqual([])
  })
})
