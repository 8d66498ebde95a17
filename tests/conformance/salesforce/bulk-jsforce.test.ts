import { Connection } from 'jsforce'
import { beforeEach, describe, expect, test } from 'vitest'
import { useEmulator } from '../../contract/emulator-support.ts'
import { ACCOUNT_FIELDS } from './bulk-support.ts'

const emulator = useEmulator()
let connection: Connection
beforeEach(async () => {
  await emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS)
  connection = new Connection({ instanceUrl: emulator.url, accessToken: 'any token', version: '66.0' })
  connection.bulk2.pollInterval = 20
})

type Row = Record<string, unknown>

const upsert = { object: 'Account', operation: 'upsert', externalIdFieldName: 'Customer_Id__c' } as const

describe('unmodified jsforce', () => {
  test('loads by bulk2 and gets every row back', async () => {
    const input = [
      { Customer_Id__c: 'C-1', Name: 'One' },
      { Customer_Id__c: 'C-2', Name: 'Two, "quoted"\nand long' },
      { Customer_Id__c: '', Name: 'No key' },
    ]
    const results = await connection.bulk2.loadAndWaitForResults({ ...upsert, input })
    expect(results.successfulResults.map((one) => (one as Row).Customer_Id__c).sort()).toEqual(['C-1', 'C-2'])
    expect(results.successfulResults.every((one) => one.sf__Created === 'true')).toBe(true)
    expect(results.failedResults).toMatchObject([
      { Name: 'No key', sf__Error: expect.stringMatching(/^MISSING_ARGUMENT:/) },
    ])
    expect(results.unprocessedRecords).toEqual([])
    const names = (await emulator.control.records('salesforce', 'Account')).map((one) => one.Name)
    expect(names.sort()).toEqual(['One', 'Two, "quoted"\nand long'])
  })

  test('case 42: loses an upload it repeats, and the emulator lets it: three empty lists', async () => {
    await emulator.control.addFault({ match: { method: 'PUT', nth: 1 }, action: { status: 503 } })
    const results = await connection.bulk2.loadAndWaitForResults({
      ...upsert,
      input: [{ Customer_Id__c: 'C-1', Name: 'One' }],
    })
    expect(results).toEqual({ successfulResults: [], failedResults: [], unprocessedRecords: [] })
    expect(await emulator.control.records('salesforce', 'Account')).toEqual([])
  })

  // One page only: with several, jsforce 3.10.16 pipes all of them at once into one parser and fails by chance.
  test('queries by bulk2', async () => {
    const rows = Array.from({ length: 2_500 }, (_, row) => ({ Name: `N${row}` }))
    await emulator.control.putRecords('salesforce', 'Account', rows)
    const stream = await connection.bulk2.query('SELECT Id, Name FROM Account', { pollInterval: 20 })
    const names = (await stream.toArray()).map((one) => String((one as Row).Name))
    expect(names.sort()).toEqual(rows.map((row) => row.Name).sort())
  })
})
