import { beforeEach, describe, expect, test } from 'vitest'
import { ACCOUNT_FIELDS, useEmulator } from '../../contract/emulator-support.ts'

const emulator = useEmulator()
type Row = Record<string, unknown>
const query = (q: string, rest = '') => emulator.api(`/query?q=${encodeURIComponent(q)}${rest}`)
const rows = async (q: string): Promise<Row[]> => (await query(q)).body.records
const names = async (q: string) => (await rows(q)).map((row) => row.Name)

beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

describe('case 14: names', () => {
  test('case 14: in any case, answered in the spelling of the schema, with attributes', async () => {
    const [id] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'Acme' }])
    const { body } = await query("select id, NAME from account where nAmE = 'acme'")
    expect(body).toEqual({
      totalSize: 1,
      done: true,
      records: [
        { attributes: { type: 'Account', url: `/services/data/v66.0/sobjects/Account/${id}` }, Id: id, Name: 'Acme' },
      ],
    })
  })

  test('case 14: what the official command line asks of the organization and of a user', async () => {
    const q =
      'SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization'
    expect((await rows(q))[0]).toMatchObject({ IsSandbox: true, TrialExpirationDate: null, NamespacePrefix: null })
    const info = (await emulator.raw('/services/oauth2/userinfo', { headers: { authorization: 'Bearer x' } })).body
    const user = await emulator.raw(`/services/data/v51.0/sobjects/User/${info.user_id}`, {
      headers: { authorization: 'Bearer x' },
    })
    expect(user.body.Username).toBe(info.preferred_username)
    const scratch = await query('SELECT Id FROM ScratchOrgInfo limit 1')
    expect(scratch).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_TYPE' }] })
  })

  test('case 14: fields of a parent, by the name of the relationship', async () => {
    const [parent] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'P', Customer_Id__c: 'p-1' }])
    await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'C', ParentId: parent }])
    const found = await rows("SELECT Name, parent.customer_id__c FROM Account WHERE Parent.Customer_Id__c = 'p-1'")
    expect(found).toMatchObject([{ Name: 'C', Parent: { attributes: { type: 'Account' }, Customer_Id__c: 'p-1' } }])
  })

  test('case 14: up to five relationships away, nested, null where the way ends', async () => {
    const [top] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'top' }])
    const [low] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'low', ParentId: top }])
    await emulator.control.putRecords('salesforce', 'Contact', [{ LastName: 'c', AccountId: low }, { LastName: 'd' }])
    const q =
      'SELECT LastName, Account.Parent.Name, Account.Name, Account.Parent.Owner.Name FROM Contact ORDER BY LastName'
    const [first, second] = await rows(q)
    expect(first).toMatchObject({
      Account: {
        Name: 'low',
        Parent: { attributes: { type: 'Account' }, Name: 'top', Owner: { Name: 'Emulated Colleague' } },
      },
    })
    expect(second).toMatchObject({ LastName: 'd', Account: null })
    const filtered = await rows("SELECT LastName FROM Contact WHERE Account.Parent.Name = 'top'")
    expect(filtered).toHaveLength(1)
    const tooFar = await query('SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account')
    expect(tooFar).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_FIELD' }] })
  })

  test('case 14: sets of values of multi-select picklists', async () => {
    await emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'ab', Interests__c: 'a;b' },
      { Name: 'b', Interests__c: 'b' },
      { Name: 'none' },
    ])
    const order = 'ORDER BY Name'
    expect(await names(`SELECT Name FROM Account WHERE Interests__c INCLUDES ('a;b', 'c') ${order}`)).toEqual(['ab'])
    expect(await names(`SELECT Name FROM Account WHERE Interests__c INCLUDES ('b') ${order}`)).toEqual(['ab', 'b'])
    expect(await names(`SELECT Name FROM Account WHERE Interests__c EXCLUDES ('a') ${order}`)).toEqual(['b', 'none'])
  })

  test('case 14: COUNT() is the size, queryAll sees the recycle bin', async () => {
    const ids = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a' }, { Name: 'b' }])
    await emulator.api(`/sobjects/Account/${ids[0]}`, { method: 'DELETE' })
    expect((await query('SELECT COUNT() FROM Account')).body).toEqual({ totalSize: 1, done: true, records: [] })
    const q = encodeURIComponent('SELECT Id, IsDeleted FROM Account WHERE IsDeleted = true')
    expect((await emulator.api(`/queryAll?q=${q}`)).body.records).toMatchObject([{ Id: ids[0], IsDeleted: true }])
    expect((await emulator.api(`/query?q=${q}`)).body.records).toEqual([])
  })

  test.each([
    ['TODAY', ['today']],
    ['YESTERDAY', ['yesterday']],
    ['LAST_N_DAYS:2', ['today', 'yesterday']],
    ['NEXT_N_DAYS:40', ['in 31 days', 'tomorrow']],
    ['LAST_90_DAYS', ['40 days ago', 'today', 'yesterday']],
    ['LAST_N_YEARS:3', ['2 years ago']],
    ['NEXT_YEAR', []],
  ])('case 14: dates %s', async (literal, expected) => {
    // The middle of a year, so that neighbours of today are in the same year.
    const target = Date.UTC(new Date().getUTCFullYear() + 1, 5, 15, 12)
    const { now } = { now: await emulator.control.advanceClock(target - Date.now()) }
    const day = (days: number): string => new Date(Date.parse(now) + days * 86_400_000).toISOString().slice(0, 10)
    const seeded = { today: 0, yesterday: -1, tomorrow: 1, 'in 31 days': 31, '40 days ago': -40, '2 years ago': -730 }
    await emulator.control.putRecords(
      'salesforce',
      'Account',
      Object.entries(seeded).map(([Name, days]) => ({ Name, Renewal__c: day(days) })),
    )
    expect(await names(`SELECT Name FROM Account WHERE Renewal__c = ${literal} ORDER BY Name`)).toEqual(expected)
  })
})

describe('case 15: pages', () => {
  test('case 15: 4,500 rows come as 2000 + 2000 + 500, whatever is inserted meanwhile', async () => {
    const seed = Array.from({ length: 4500 }, (_, n) => ({ Name: `r${n}`, Customer_Id__c: `k${n}` }))
    await emulator.control.putRecords('salesforce', 'Account', seed)
    const first = (await query('SELECT Customer_Id__c FROM Account')).body
    expect(first).toMatchObject({ totalSize: 4500, done: false })
    await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'late' }])
    const headers = { authorization: 'Bearer x' }
    const second = (await emulator.raw(first.nextRecordsUrl, { headers })).body
    const again = (await emulator.raw(first.nextRecordsUrl, { headers })).body
    const third = (await emulator.raw(second.nextRecordsUrl, { headers })).body
    expect(again).toEqual(second)
    expect([first, second, third].map((page) => page.records.length)).toEqual([2000, 2000, 500])
    expect(third).toMatchObject({ totalSize: 4500, done: true })
    expect(third).not.toHaveProperty('nextRecordsUrl')
    const keys = [first, second, third].flatMap((page) => page.records.map((row: Row) => row.Customer_Id__c))
    expect(new Set(keys).size).toBe(4500)
    expect(keys).not.toContain(null)
  })

  test('case 15: the page size is a hint between 200 and 2000', async () => {
    await emulator.control.putRecords(
      'salesforce',
      'Account',
      Array.from({ length: 450 }, () => ({ Name: 'x' })),
    )
    const page = async (batchSize: string) =>
      (
        await emulator.api('/query?q=SELECT+Id+FROM+Account', {
          headers: { 'sforce-query-options': `batchSize=${batchSize}` },
        })
      ).body.records.length
    expect([await page('200'), await page('1'), await page('300'), await page('9999')]).toEqual([200, 200, 300, 450])
  })

  test('case 15: FIELDS(ALL) needs a limit of 200, FIELDS(STANDARD) none', async () => {
    await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'x', Customer_Id__c: 'k' }])
    expect((await rows('SELECT FIELDS(ALL) FROM Account LIMIT 200'))[0]).toMatchObject({
      Name: 'x',
      Customer_Id__c: 'k',
    })
    expect(await query('SELECT FIELDS(ALL) FROM Account')).toMatchObject({ status: 400 })
    expect(await query('SELECT FIELDS(CUSTOM) FROM Account LIMIT 201')).toMatchObject({ status: 400 })
    expect((await rows('SELECT FIELDS(STANDARD) FROM Account'))[0]).not.toHaveProperty('Customer_Id__c')
  })
})

describe('case 16: columns=true', () => {
  test('case 16: the columns with what they are, and no records', async () => {
    const { body } = await query('SELECT Id, Name, LTV__c, Active__c, Parent.Name FROM Account', '&columns=true')
    expect(body).not.toHaveProperty('records')
    const brief = body.columnMetadata.map((one: Row) => [
      one.columnName,
      one.booleanType,
      one.numberType,
      one.aggregate,
    ])
    expect(brief).toEqual([
      ['Id', false, false, false],
      ['Name', false, false, false],
      ['LTV__c', false, true, false],
      ['Active__c', true, false, false],
      ['Parent', false, false, true],
    ])
    expect(body.columnMetadata[0]).toMatchObject({ displayName: 'Id', joinColumns: [] })
    expect(body.columnMetadata[4].joinColumns).toMatchObject([{ columnName: 'Name' }])
  })
})

describe('case 17: errors', () => {
  test.each([
    [
      'SELECT Nope FROM Account',
      'INVALID_FIELD',
      /\nERROR at Row:1:Column:8\nNo such column 'Nope' on entity 'Account'/,
    ],
    ["SELECT Id FROM Account WHERE Nope = 'x'", 'INVALID_FIELD', /No such column 'Nope'/],
    ['SELECT Nope.Name FROM Account', 'INVALID_FIELD', /Didn't understand relationship 'Nope'/],
    ['SELECT Id FROM Account WHERE', 'MALFORMED_QUERY', /unexpected token: '<EOF>'/],
    ['SELECT FROM Account', 'MALFORMED_QUERY', /\^\nERROR at Row:1:Column:/],
    ['SELECT Id FROM Nope__c', 'INVALID_TYPE', /sObject type 'Nope__c' is not supported/],
    ["SELECT Id FROM Account WHERE LTV__c = '1'", 'INVALID_FIELD', /should not be enclosed in quotes/],
    ['SELECT Id FROM Account WHERE Name = 1', 'INVALID_FIELD', /should be enclosed in quotes/],
  ])('case 17: %s', async (q, errorCode, message) => {
    const { status, body } = await query(q)
    expect(status).toBe(400)
    expect(body).toEqual([{ errorCode, message: expect.stringMatching(message) }])
  })
})
