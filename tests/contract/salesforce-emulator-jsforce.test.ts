import { Connection } from 'jsforce'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ControlClient, controlClient } from '../../emulator/core/control-client.ts'
import { type Emulator, startEmulator } from '../../emulator/start.ts'

let emulator: Emulator
let control: ControlClient
let connection: Connection

const SCHEMA = {
  fields: [
    { name: 'Customer_Id__c', type: 'string', length: 64, externalId: true, unique: true },
    { name: 'LTV__c', type: 'currency' },
    { name: 'Usage_Segment__c', type: 'picklist', picklistValues: ['power', 'core', 'light'] },
  ],
}
const HEADERS = { 'Sforce-Auto-Assign': 'FALSE' }

beforeAll(async () => {
  emulator = await startEmulator()
  control = controlClient(emulator.controlUrl)
})
afterAll(() => emulator.close())
beforeEach(async () => {
  await control.reset()
  await control.putSchema('salesforce', 'Account', SCHEMA)
  connection = new Connection({ instanceUrl: emulator.url, accessToken: 'any token', version: '66.0' })
})

describe('unmodified jsforce', () => {
  test('authorizes with client credentials and reads its identity', async () => {
    const fresh = new Connection({
      loginUrl: emulator.url,
      version: '66.0',
      oauth2: { loginUrl: emulator.url, clientId: 'id', clientSecret: 'secret' },
    })
    await fresh.authorize({ grant_type: 'client_credentials' })
    expect(fresh.instanceUrl).toBe(emulator.url)
    const identity = await fresh.identity()
    expect(identity.username).toContain('integration@')
  })

  test('describes an object with the fields that were added', async () => {
    const described = await connection.describe('Account')
    const key = described.fields.find((field) => field.name === 'Customer_Id__c')
    expect(key).toMatchObject({
      type: 'string',
      length: 64,
      externalId: true,
      idLookup: true,
      unique: true,
      custom: true,
    })
    expect(described.fields.find((field) => field.name === 'Name')).toMatchObject({ nillable: false, createable: true })
    expect(described.fields.length).toBeGreaterThan(50)
    const global = await connection.describeGlobal()
    expect(global.sobjects.map((one) => one.name)).toEqual(expect.arrayContaining(['Account', 'Contact', 'User']))
  })

  test('creates, retrieves, updates, upserts and destroys single records', async () => {
    const created = await connection
      .sobject('Account')
      .create({ Name: 'Acme', Customer_Id__c: 'C-1' }, { headers: HEADERS })
    expect(created.success).toBe(true)
    const id = String(created.id)
    await connection.sobject('Account').update({ Id: id, LTV__c: 12.345 }, { headers: HEADERS })
    expect(await connection.sobject('Account').retrieve(id)).toMatchObject({ Name: 'Acme', LTV__c: 12.35 })
    const again = await connection
      .sobject('Account')
      .upsert({ Customer_Id__c: 'C-1', Name: 'Acme 2' }, 'Customer_Id__c')
    expect(again).toMatchObject({ success: true, id })
    await connection.sobject('Account').destroy(id)
    await expect(connection.sobject('Account').retrieve(id)).rejects.toMatchObject({ errorCode: 'ENTITY_IS_DELETED' })
  })

  test('upserts a collection: results in order, per-row errors in the vendor shape', async () => {
    const results = await connection.sobject('Account').upsert(
      [
        { Customer_Id__c: 'A', Name: 'One' },
        { Customer_Id__c: 'B', Name: 'Two', Usage_Segment__c: 'nonsense' },
        { Customer_Id__c: 'C', Name: 'Three', LTV__c: 5 },
      ],
      'Customer_Id__c',
      { headers: HEADERS },
    )
    expect(results.map((result) => result.success)).toEqual([true, false, true])
    expect(results[1]?.errors[0]).toMatchObject({
      statusCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      fields: ['Usage_Segment__c'],
    })
    const rows = await control.records('salesforce', 'Account')
    expect(rows.map((row) => row.Customer_Id__c)).toEqual(['A', 'C'])
  })

  test('creates, updates, retrieves and destroys collections', async () => {
    const created = await connection.sobject('Contact').create([{ LastName: 'A' }, { LastName: 'B' }])
    const ids = created.map((one) => String(one.id))
    await connection.sobject('Contact').update(ids.map((id, index) => ({ Id: id, Title: `T${index}` })))
    const rows = await connection.sobject('Contact').retrieve(ids)
    expect(rows.map((row) => row?.Title)).toEqual(['T0', 'T1'])
    const gone = await connection.sobject('Contact').destroy(ids)
    expect(gone.every((one) => one.success)).toBe(true)
  })

  test('pages a query of 4,500 rows as 2,000 + 2,000 + 500', async () => {
    const rows = Array.from({ length: 4500 }, (_, index) => ({ LastName: `L${index}` }))
    await control.putRecords('salesforce', 'Contact', rows)
    const first = await connection.query('select id, lastname from contact')
    expect(first.records[0]).toHaveProperty('Id')
    expect(first.totalSize).toBe(4500)
    const second = await connection.queryMore(String(first.nextRecordsUrl))
    await control.putRecords('salesforce', 'Contact', [{ LastName: 'Late' }])
    const third = await connection.queryMore(String(second.nextRecordsUrl))
    expect([first, second, third].map((page) => page.records.length)).toEqual([2000, 2000, 500])
    expect(third.done).toBe(true)
    expect(third.records.map((row) => row.LastName)).not.toContain('Late')
  })

  test('reports limits from the response header', async () => {
    await connection.query('SELECT Id FROM Account')
    expect(connection.limitInfo.apiUsage).toEqual({ used: 1, limit: 100_000 })
    const limits = await connection.limits()
    expect(limits.DailyApiRequests).toEqual({ Max: 100_000, Remaining: 100_000 - 2 })
  })
})
