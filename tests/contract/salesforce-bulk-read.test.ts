import { describe, expect, test } from 'vitest'
import type { CrmRecord } from '../../runner/destination/destination.ts'
import { NEVER } from '../support/open-for-test.ts'
import { useBulk } from './salesforce-bulk-harness.ts'

const open = useBulk()
const request = {
  object: 'Account',
  matchField: 'Customer_Id__c',
  fields: ['Name', 'LTV__c', 'Active__c', 'Renewal__c', 'Seen_At__c', 'Nowhere__c'],
}

async function readAll(): Promise<CrmRecord[]> {
  const records: CrmRecord[] = []
  for await (const page of open().bulk.readAll(request, NEVER)) records.push(...page)
  return records
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ Customer_Id__c: `C-${index}`, Name: `Name ${index}` }))

describe('reading every record of an object', () => {
  test('all pages, each record once, records without a match value left out', async () => {
    const { emulator, configure } = open()
    await configure({ query_page_rows: 1_000 })
    const ids = await emulator.control.putRecords('salesforce', 'Account', numbered(4_500))
    await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'no key' }])
    const records = await readAll()
    expect(new Set(records.map(({ recordId }) => recordId))).toEqual(new Set(ids))
    expect(records).toHaveLength(4_500)
  })

  test('the same texts as a keyed read', async () => {
    const { emulator, destination } = open()
    const rows = [
      { Customer_Id__c: 'C-1', Name: 'say "hi",\nyou', LTV__c: 1234567.5, Active__c: true, Renewal__c: '2026-01-02' },
      { Customer_Id__c: 'C-2', Name: ' é 😀 ', LTV__c: 0.1, Active__c: false, Seen_At__c: '2026-01-02T03:04:05.000Z' },
      { Customer_Id__c: 'C-3' },
    ]
    await emulator.control.putRecords('salesforce', 'Account', rows)
    const keyed: CrmRecord[] = []
    const values = rows.map((row) => row.Customer_Id__c)
    const by = { field: 'Customer_Id__c', unique: true }
    for await (const page of destination.read({ ...request, by, values }, NEVER)) keyed.push(...page)
    const inOrder = (records: readonly CrmRecord[]) => [...records].sort((a, b) => a.recordId.localeCompare(b.recordId))
    expect(keyed).toHaveLength(3)
    expect(inOrder(await readAll())).toEqual(inOrder(keyed))
  })

  test('an empty object has no records', async () => {
    expect(await readAll()).toEqual([])
  })

  test.each<[string, object, string]>([
    ['a page of HTML', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }, 'E-CRM-ANSWER'],
    ['a page cut short', { truncate_bytes: 3_000 }, 'E-CRM-UNREACHABLE'],
  ])('%s ends the read', async (_, action, code) => {
    const { emulator } = open()
    await emulator.control.putRecords('salesforce', 'Account', numbered(500))
    await emulator.control.addFault({ match: { path: '/jobs\\/query\\/.*results/' }, action })
    await expect(readAll()).rejects.toMatchObject({ code })
  })

  test('an unknown match field is named with its neighbour', async () => {
    const wrong = { ...request, matchField: 'Customer_ID_c' }
    const pages = open().bulk.readAll(wrong, NEVER)[Symbol.asyncIterator]()
    await expect(pages.next()).rejects.toMatchObject({ code: 'E-MAP-UNKNOWN-FIELD' })
  })
})
