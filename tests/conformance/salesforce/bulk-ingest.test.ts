import { beforeEach, describe, expect, test } from 'vitest'
import { useEmulator } from '../../contract/emulator-support.ts'
import { ACCOUNT_FIELDS, bulkClient, headerOf, rowsOf } from './bulk-support.ts'

const emulator = useEmulator()
const bulk = bulkClient(emulator)
beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

describe('ingest', () => {
  test('case 40: a job is created Open, with an address to upload to', async () => {
    const job = { operation: 'upsert', externalIdFieldName: 'customer_id__c', columnDelimiter: 'PIPE' }
    const { status, body } = await bulk.create({ object: 'account', ...job })
    expect(status).toBe(200)
    expect(body).toEqual({
      id: expect.stringMatching(/^750[0-9A-Za-z]{15}$/),
      operation: 'upsert',
      object: 'Account',
      createdById: expect.stringMatching(/^005/),
      createdDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
      systemModstamp: body.createdDate,
      state: 'Open',
      externalIdFieldName: 'Customer_Id__c',
      concurrencyMode: 'Parallel',
      contentType: 'CSV',
      apiVersion: 66,
      contentUrl: `services/data/v66.0/jobs/ingest/${body.id}/batches`,
      lineEnding: 'LF',
      columnDelimiter: 'PIPE',
    })
  })

  test('case 44: results name every row with its outcome', async () => {
    const csv = 'Customer_Id__c,Name,LTV__c\nC-1,One,1\nC-2,"T""wo",#N/A\nC-3,Three,abc\n'
    const { info, success, failed, unprocessed } = await bulk.load(csv)
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 3, numberRecordsFailed: 1 })
    expect(headerOf(success)).toBe('"sf__Id","sf__Created",Customer_Id__c,Name,LTV__c')
    const records = await emulator.control.records('salesforce', 'Account')
    const id = (key: string) => records.find((one) => one.Customer_Id__c === key)?.Id
    expect(rowsOf(success)).toEqual(
      [`"${id('C-1')}","true","C-1","One","1"`, `"${id('C-2')}","true","C-2","T""wo","#N/A"`].sort(),
    )
    expect(failed).toBe(
      '"sf__Id","sf__Error",Customer_Id__c,Name,LTV__c\n' +
        '"","INVALID_TYPE_ON_FIELD_IN_RECORD:LTV: value not of required type: abc:LTV__c --","C-3","Three","abc"\n',
    )
    expect(unprocessed).toBe('Customer_Id__c,Name,LTV__c\n')
  })
})
