/** `reference:` end to end: bodies, live values and memory in the warehouse's own key; record types by name and by id. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

interface Given {
  id: string
  parent?: string | null
  owner?: string | null
  number?: string | null
  type?: string | null
  cleared?: boolean
  note?: string
}

const FIELDS = [
  '{to: Name, value: made, write: on_create}',
  '{to: Note__c, from: note}',
  '{to: ParentId, from: parent, reference: {object: Account, field: Customer_Id__c}, clear_when: cleared}',
  '{to: Region__c, from: number, reference: {object: Region__c, field: Number__c}, on_null: clear}',
  '{to: Advocate__c, from: owner, reference: {object: Lead, field: Ref__c}, sentinel: "none"}',
  '{to: RecordTypeId, from: type}',
]

const syncText = (mode = 'upsert', first = 'hold') => `  - name: accounts
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: ${mode}
    match: {field: Customer_Id__c, from: id, strategy: external_id}
    first_sync: ${first}
    fields:
${(mode === 'update' ? FIELDS.slice(1) : FIELDS).map((field) => `      - ${field}`).join('\n')}
    ${openGuards}
`

describe.each(warehousesUnderTest().map(({ name }) => name))('references on %s', (name) => {
  let lab: SyncLab
  const ids: Record<string, string> = {}

  const given = (...rows: readonly Given[]) =>
    lab.exec(
      'delete from backfeed.rows_given',
      `insert into backfeed.rows_given values ${rows
        .map(({ id, parent, owner, number, type, cleared = false, note }) => {
          const texts = [id, parent, owner, type, note].map((cell) => quoted(cell))
          return `(${[...texts, number ?? 'null', cleared].join(', ')})`
        })
        .join(', ')}`,
    )
  const run = async (mode?: string, first?: string) => {
    lab.syncs(syncText(mode, first))
    await lab.writes()
    const result = await lab.execute('run', 'accounts')
    expect(result.error?.message).toBeUndefined()
    const sent = new Map((await lab.sent()).map((element) => [element.Customer_Id__c ?? element.id, element]))
    return { result, sent }
  }
  const account = async (key: string) =>
    (await lab.emulator.control.records('salesforce', 'Account')).find((one) => one.Customer_Id__c === key)
  const put = async (object: string, row: Record<string, unknown>) =>
    (await lab.emulator.control.putRecords('salesforce', object, [row]))[0] ?? ''

  beforeEach(async () => {
    lab = await openLab(name)
    await lab.exec(
      'create table backfeed.rows_given (id varchar(40), parent varchar(40), owner varchar(40), type varchar(40), note varchar(40), number integer, cleared boolean)',
    )
    const { control } = lab.emulator
    const key = { type: 'string', length: 20, externalId: true, unique: true }
    await control.putSchema('salesforce', 'Region__c', {
      fields: [{ name: 'Number__c', type: 'double', precision: 8, scale: 0, externalId: true, unique: true }],
    })
    await control.putSchema('salesforce', 'Lead', { fields: [{ name: 'Ref__c', ...key, caseSensitive: true }] })
    await control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Customer_Id__c', ...key },
        { name: 'Note__c', type: 'string', length: 40 },
        { name: 'Region__c', type: 'reference', referenceTo: ['Region__c'] },
        { name: 'Advocate__c', type: 'reference', referenceTo: ['Contact', 'Lead'], polymorphicForeignKey: true },
      ],
    })
    await control.putPolicies('salesforce', {
      objects: {
        Account: {
          record_types: [
            { name: 'Partner', developer_name: 'Partner' },
            { name: 'Direct', developer_name: 'Direct_Sales', default: true },
            { name: 'Old', developer_name: 'Old', available: false },
          ],
        },
      },
    })
    ids.p1 = await put('Account', { Name: 'P1', Customer_Id__c: 'P-1' })
    ids.p2 = await put('Account', { Name: 'P2', Customer_Id__c: 'P-2' })
    ids.nameless = await put('Account', { Name: 'no key' })
    ids.region = await put('Region__c', { Number__c: 7 })
    ids.lead = await put('Lead', { LastName: 'L', Company: 'C', Ref__c: 'L-1' })
    ids.contact = await put('Contact', { LastName: 'K' })
  }, 60_000)
  afterEach(() => lab.close())

  test('a row that is created points to its parents by their keys', async () => {
    await given({ id: 'C-1', parent: ' P-1 ', number: '7', owner: 'L-1', type: 'Partner' })
    const { sent } = await run()
    expect(sent.get('C-1')).toMatchObject({
      Parent: { Customer_Id__c: 'P-1' },
      Region__r: { Number__c: 7 },
      Advocate__r: { attributes: { type: 'Lead' }, Ref__c: 'L-1' },
    })
    expect(await account('C-1')).toMatchObject({ ParentId: ids.p1, Region__c: ids.region, Advocate__c: ids.lead })
    const again = await run()
    expect(again.result).toMatchObject({ planned: 0 })
    expect(again.sent.size).toBe(0)
  })

  const befores = async (action: string) =>
    Object.fromEntries(
      await lab.query(
        `select field, before_value from backfeed.sync_plan_field where action = '${action}' and plan_id = (select plan_id from backfeed.sync_plan order by plan_serial desc limit 1)`,
      ),
    )

  test('what the CRM holds is read as the same keys, so nothing is sent that is there', async () => {
    await put('Account', {
      Name: 'C1',
      Customer_Id__c: 'C-1',
      ParentId: ids.p1 ?? '',
      Region__c: ids.region ?? '',
      Advocate__c: ids.lead ?? '',
    })
    await given({ id: 'C-1', parent: 'p-1', number: '7', owner: 'L-1' })
    expect((await run()).result).toMatchObject({ planned: 0, held: 0 })
    expect(await befores('adopt')).toEqual({ ParentId: 'P-1', Region__c: '7', Advocate__c: 'L-1' })
  })

  test('a parent without the key is a value too: held at first contact, with its id as before-image', async () => {
    await put('Account', {
      Name: 'C1',
      Customer_Id__c: 'C-1',
      ParentId: ids.nameless ?? '',
      Advocate__c: ids.contact ?? '',
    })
    await given({ id: 'C-1', parent: 'P-1', owner: 'L-1' })
    const { result, sent } = await run()
    expect(result).toMatchObject({ held: 1 })
    expect(sent.size).toBe(0)
    expect(await befores('held')).toEqual({ ParentId: ids.nameless, Advocate__c: ids.contact })
  })

  test('a change sends the new key, drift and before-images are keys', async () => {
    await given({ id: 'C-1', parent: 'P-1', number: '7' })
    await run()
    const { Id } = (await account('C-1')) ?? {}
    await put('Account', { Id, ParentId: ids.p2 ?? '' })
    await given({ id: 'C-1', parent: 'P-1', number: '7', note: 'new' })
    const drifted = await run()
    expect(drifted.result.plan?.counts).toMatchObject({ drift: 1, update: 1 })
    expect(drifted.sent.get('C-1')).toEqual({ attributes: { type: 'Account' }, Customer_Id__c: 'C-1', Note__c: 'new' })
    expect(await befores('drift')).toEqual({ ParentId: 'P-2' })
    await put('Account', { Id, ParentId: ids.p1 ?? '' })
    await given({ id: 'C-1', parent: 'P-2', number: '7', note: 'new' })
    expect((await run()).sent.get('C-1')).toMatchObject({ Parent: { Customer_Id__c: 'P-2' } })
    expect(await befores('set')).toMatchObject({ ParentId: 'P-1' })
    expect(await account('C-1')).toMatchObject({ ParentId: ids.p2 })
  })

  test('a clear empties the field itself: by flag, by null and by sentinel', async () => {
    await given({ id: 'C-1', parent: 'P-1', number: '7', owner: 'L-1' })
    await run()
    await given({ id: 'C-1', parent: 'P-1', cleared: true, owner: 'none' })
    const { sent } = await run()
    expect(sent.get('C-1')).toEqual({
      attributes: { type: 'Account' },
      Customer_Id__c: 'C-1',
      ParentId: null,
      Region__c: null,
      Advocate__c: null,
    })
    expect(await account('C-1')).toMatchObject({ ParentId: null, Region__c: null, Advocate__c: null })
    expect((await run()).result).toMatchObject({ planned: 0 })
  })

  test('a parent that is not there refuses its row alone; the row goes through once the parent is', async () => {
    await given({ id: 'C-1', parent: 'P-9' }, { id: 'C-2', parent: 'P-1' })
    const { result } = await run()
    expect(result).toMatchObject({ exitCode: 1, totals: { succeeded: 1, rejected: 1 } })
    const [rejection] = await lab.query('select code, message from backfeed_audit.rejections')
    expect(rejection?.[0]).toBe('INVALID_FIELD')
    expect(rejection?.[1]).not.toContain('P-9')
    await put('Account', { Name: 'P9', Customer_Id__c: 'P-9' })
    lab.advance(2 * 3_600_000)
    expect((await run()).result).toMatchObject({ exitCode: 0, totals: { succeeded: 1 } })
  })

  test('a row that points to itself waits in quarantine', async () => {
    await given({ id: 'C-1', parent: 'c-1' })
    expect((await run()).sent.size).toBe(0)
    expect(await lab.query('select code, rule from backfeed_audit.quarantine')).toEqual([
      ['E-DATA-REF', 'ParentId_own_record'],
    ])
  })

  test('mode update addresses the record by id and the parent by key', async () => {
    const id = await put('Account', { Name: 'C1', Customer_Id__c: 'C-1', ParentId: ids.p2 ?? '' })
    await given({ id: 'C-1', parent: 'P-1', number: '7' })
    const { sent } = await run('update', 'overwrite')
    expect(sent.get(id)).toEqual({
      attributes: { type: 'Account' },
      id,
      Parent: { Customer_Id__c: 'P-1' },
      Region__r: { Number__c: 7 },
    })
    expect(await befores('set')).toMatchObject({ ParentId: 'P-2' })
  })

  test('a record type by name or id, if this user may give it', async () => {
    const types = await lab.emulator.control.records('salesforce', 'RecordType')
    const direct = String(types.find((type) => type.DeveloperName === 'Direct_Sales')?.Id)
    await given(
      { id: 'C-1', type: 'Direct_Sales' },
      { id: 'C-2', type: direct.slice(0, 15) },
      { id: 'C-3', type: 'Old' },
      { id: 'C-4', type: 'Master' },
    )
    await run()
    expect((await account('C-1'))?.RecordTypeId).toBe(direct)
    expect((await account('C-2'))?.RecordTypeId).toBe(direct)
    expect(await lab.query('select row_key, rule from backfeed_audit.quarantine order by 1')).toEqual([
      ['C-3', 'RecordTypeId_not_allowed'],
      ['C-4', 'RecordTypeId_not_allowed'],
    ])
    expect((await run()).result).toMatchObject({ planned: 0 })
  })

  test('a job links, relinks and empties as requests do', async () => {
    const byJob = async () => {
      lab.syncs(syncText().replace('    fields:', '    limits: {bulk_above: 1}\n    fields:'))
      await lab.emulator.control.clearJournal()
      const result = await lab.execute('run', 'accounts')
      expect(result.error?.message).toBeUndefined()
      const journal = await lab.emulator.control.journal()
      expect(journal.some(({ path }) => path.includes('/jobs/ingest'))).toBe(true)
    }
    const keys = ['C-1', 'C-2', 'C-3']
    await given(...keys.map((id) => ({ id, parent: 'P-1', owner: 'L-1', number: '7' })))
    await byJob()
    for (const id of keys)
      expect(await account(id)).toMatchObject({ ParentId: ids.p1, Region__c: ids.region, Advocate__c: ids.lead })
    await given(...keys.map((id) => ({ id, cleared: true, owner: 'none' })))
    await byJob()
    for (const id of keys)
      expect(await account(id)).toMatchObject({ ParentId: null, Region__c: null, Advocate__c: null })
    expect((await run()).result).toMatchObject({ planned: 0 })
  })

  test('one describe call per object and run', async () => {
    await given({ id: 'C-1', parent: 'P-1', number: '7', owner: 'L-1' })
    await lab.emulator.control.clearJournal()
    lab.syncs(syncText())
    await lab.execute('run', 'accounts')
    const paths = (await lab.emulator.control.journal())
      .map(({ path }) => path)
      .filter((path) => path.includes('/describe'))
    const objects = paths.map((path) => /sobjects\/([^/]+)\/describe/.exec(path)?.[1])
    expect(objects.sort()).toEqual(['Account', 'Lead', 'Region__c'])
  })
})
