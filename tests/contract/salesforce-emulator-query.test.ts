import { beforeEach, describe, expect, test } from 'vitest'
import { ACCOUNT_FIELDS, useEmulator } from './emulator-support.ts'

const emulator = useEmulator()
const soql = (q: string, more = '', headers = {}) =>
  emulator.api(`/query?q=${encodeURIComponent(q)}${more}`, { headers })
const names = async (where: string): Promise<string[]> =>
  (await soql(`SELECT Name FROM Account ${where}`)).body.records.map((row: { Name: string }) => row.Name)

beforeEach(async () => {
  await emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS)
  await emulator.control.putRecords('salesforce', 'Account', [
    { Name: 'Acme', Customer_Id__c: 'a', LTV__c: 10, Renewal__c: '2026-01-01', Interests__c: 'a;b', Active__c: true },
    { Name: "O'Hara 100%", Customer_Id__c: 'b', LTV__c: 20.5, Seen_At__c: '2026-01-01T00:00:00Z', Interests__c: 'c' },
    { Name: 'Zeta_x', Customer_Id__c: 'c', Renewal__c: '2027-01-01' },
  ])
})

describe('WHERE', () => {
  const cases: [where: string, expected: string[]][] = [
    ["WHERE Name = 'ACME'", ['Acme']],
    ["WHERE Name != 'acme'", ["O'Hara 100%", 'Zeta_x']],
    ["WHERE Name <> 'acme' AND LTV__c > 20", ["O'Hara 100%"]],
    ["WHERE Name = 'O\\'Hara 100%'", ["O'Hara 100%"]],
    ["WHERE Name = 'O\\u0027hara 100%'", ["O'Hara 100%"]],
    ['WHERE LTV__c = null', ['Zeta_x']],
    ['WHERE LTV__c != NULL', ['Acme', "O'Hara 100%"]],
    ['WHERE LTV__c >= 10 AND LTV__c <= 2.05e1', ['Acme', "O'Hara 100%"]],
    ['WHERE LTV__c < -1', []],
    ["WHERE Name LIKE '%\\%'", ["O'Hara 100%"]],
    ["WHERE Name LIKE 'zeta\\__'", ['Zeta_x']],
    ["WHERE Name LIKE '_cme'", ['Acme']],
    ["WHERE NOT Name LIKE 'a%'", ["O'Hara 100%", 'Zeta_x']],
    ["WHERE Name IN ('acme', 'zeta_x')", ['Acme', 'Zeta_x']],
    ["WHERE Name NOT IN ('acme')", ["O'Hara 100%", 'Zeta_x']],
    ["WHERE (Name = 'Acme' OR Name = 'Zeta_x') AND LTV__c = null", ['Zeta_x']],
    ["WHERE Name = 'Acme' OR (Name = 'Zeta_x' AND LTV__c = null)", ['Acme', 'Zeta_x']],
    ['WHERE Active__c = true', ['Acme']],
    ['WHERE Active__c = FALSE', ["O'Hara 100%", 'Zeta_x']],
    ['WHERE Renewal__c > 2026-06-01', ['Zeta_x']],
    ['WHERE Seen_At__c = 2026-01-01T01:00:00+01:00', ["O'Hara 100%"]],
    ['WHERE CreatedDate >= YESTERDAY', ['Acme', "O'Hara 100%", 'Zeta_x']],
    ['WHERE CreatedDate < LAST_N_DAYS:3', []],
    [
      'WHERE CreatedDate = TODAY AND CreatedDate <= TODAY AND CreatedDate = LAST_N_DAYS:2',
      ['Acme', "O'Hara 100%", 'Zeta_x'],
    ],
    ['WHERE CreatedDate > TODAY OR CreatedDate = YESTERDAY OR CreatedDate = NEXT_N_DAYS:9', []],
    ['WHERE Renewal__c != TODAY', ['Acme', "O'Hara 100%", 'Zeta_x']],
    ["WHERE Site = ''", ['Acme', "O'Hara 100%", 'Zeta_x']],
    ["WHERE Name LIKE 'a-c/d.(x)%'", []],
    ["WHERE Interests__c INCLUDES ('b', 'c')", ['Acme', "O'Hara 100%"]],
    ["WHERE Interests__c INCLUDES ('a;c')", []],
    ["WHERE Interests__c EXCLUDES ('c')", ['Acme', 'Zeta_x']],
    ["WHERE Customer_Id__c IN ('A', 'c') AND Name LIKE 'z%'", ['Zeta_x']],
    ["WHERE Owner.LastName = 'colleague' AND LTV__c = 10", ['Acme']],
    ["WHERE Account.Name = 'Acme'", ['Acme']],
    ['ORDER BY LTV__c', ['Zeta_x', 'Acme', "O'Hara 100%"]],
    ['ORDER BY LTV__c DESC NULLS LAST', ["O'Hara 100%", 'Acme', 'Zeta_x']],
    ['ORDER BY Active__c DESC, Name DESC LIMIT 2', ['Acme', 'Zeta_x']],
    ['ORDER BY Name LIMIT 1 OFFSET 1', ["O'Hara 100%"]],
    ['ORDER BY Name LIMIT 0', []],
  ]
  test.each(cases)('%s', async (where, expected) => {
    expect(await names(where)).toEqual(expected)
  })

  test('ids in both lengths, and a record found by id', async () => {
    const [row] = await emulator.control.records('salesforce', 'Account')
    const id = String(row?.Id)
    expect(await names(`WHERE Id = '${id.slice(0, 15)}'`)).toEqual(['Acme'])
    expect(await names(`WHERE Id IN ('${id}', '0015g00000zzzzzAAA')`)).toEqual(['Acme'])
  })
})

describe('a big object', () => {
  test('answers the same by index as by scan, also after edits', async () => {
    const rows = Array.from({ length: 1200 }, (_, n) => ({ LastName: `L${n % 600}`, Title: n === 3 ? null : `T${n}` }))
    const ids = await emulator.control.putRecords('salesforce', 'Contact', rows)
    const found = async (where: string) => (await soql(`SELECT Id FROM Contact WHERE ${where}`)).body.totalSize
    expect(await found("LastName = 'l5'")).toBe(2)
    expect(await found("LastName IN ('L1', 'L2', 'none') AND Title != 'T1'")).toBe(3)
    expect(await found("Title = null OR Title = 'T9'")).toBe(2)
    await emulator.control.putRecords('salesforce', 'Contact', [{ Id: ids[5], LastName: 'Other' }])
    expect(await found("LastName = 'l5'")).toBe(1)
    expect(await found('HasOptedOutOfEmail = false AND CreatedDate <= TODAY')).toBe(1200)
  })
})

describe('SELECT', () => {
  test('names in any case, answered in their own; parents one level up; null parents', async () => {
    const [account] = await emulator.control.records('salesforce', 'Account')
    await emulator.control.putRecords('salesforce', 'Contact', [
      { LastName: 'x', AccountId: account?.Id },
      { LastName: 'y' },
    ])
    const answer = await soql('select id, c.account.customer_id__c, ACCOUNT.NAME from contact c order by c.lastname')
    expect(answer.body).toEqual({
      totalSize: 2,
      done: true,
      records: [
        {
          attributes: { type: 'Contact', url: expect.stringContaining('/sobjects/Contact/003') },
          Id: expect.stringMatching(/^003/),
          Account: { attributes: { type: 'Account', url: expect.any(String) }, Customer_Id__c: 'a', Name: 'Acme' },
        },
        { attributes: expect.any(Object), Id: expect.any(String), Account: null },
      ],
    })
  })

  test('COUNT() answers the size alone', async () => {
    const answer = await soql('SELECT COUNT() FROM Account WHERE LTV__c != null')
    expect(answer.body).toEqual({ totalSize: 2, done: true, records: [] })
  })

  test('FIELDS(ALL) with a limit', async () => {
    const answer = await soql('SELECT FIELDS(ALL) FROM Account LIMIT 1')
    expect(answer.body.records[0]).toMatchObject({ Name: 'Acme', LTV__c: 10, Site: null })
    expect((await soql('SELECT FIELDS(ALL) FROM Account')).body[0].errorCode).toBe('MALFORMED_QUERY')
  })

  test('columns=true answers the columns and no rows', async () => {
    const answer = await soql('SELECT Id, LTV__c, Owner.Name, Owner.Email FROM Account', '&columns=true')
    const columns = answer.body.columnMetadata
    expect(columns.map((one: { columnName: string }) => one.columnName)).toEqual(['Id', 'LTV__c', 'Owner'])
    expect(columns[1]).toMatchObject({ numberType: true, textType: false, aggregate: false, joinColumns: [] })
    expect(columns[2].joinColumns.map((one: { columnName: string }) => one.columnName)).toEqual(['Name', 'Email'])
  })

  test('the organization says that it is an emulator, and its id depends on the seed alone', async () => {
    const answer = await soql(
      'SELECT Id, Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization',
    )
    const [organization] = answer.body.records
    expect(organization).toMatchObject({
      Name: 'Backfeed Emulator',
      InstanceName: 'EMU',
      IsSandbox: true,
      OrganizationType: 'Developer Edition',
      TrialExpirationDate: null,
    })
    await emulator.control.reset()
    expect((await soql('SELECT Id FROM Organization')).body.records[0].Id).toBe(organization.Id)
  })
})

describe('pages', () => {
  test('a page size can be asked for; the locator leads on; a wrong one is an error', async () => {
    const rows = Array.from({ length: 450 }, (_, n) => ({ LastName: `${n}` }))
    await emulator.control.putRecords('salesforce', 'Contact', rows)
    const first = await soql('SELECT LastName FROM Contact', '', { 'sforce-query-options': 'batchSize=200' })
    expect(first.body).toMatchObject({ totalSize: 450, done: false })
    expect(first.body.nextRecordsUrl).toMatch(/^\/services\/data\/v66\.0\/query\/01g\w{15}-200$/)
    const second = await emulator.raw(first.body.nextRecordsUrl, { headers: { authorization: 'Bearer x' } })
    expect(second.body.records).toHaveLength(250)
    expect(second.body).not.toHaveProperty('nextRecordsUrl')
    expect((await emulator.api('/query/01gNOPE-2000')).body[0].errorCode).toBe('INVALID_QUERY_LOCATOR')
  })
})

describe('what is refused, with its place', () => {
  const refused: [q: string, code: string, message: string][] = [
    ['SELECT Id, Nope__c FROM Account', 'INVALID_FIELD', "No such column 'Nope__c' on entity 'Account'"],
    ['SELECT Id FROM Account WHERE Nope = 1', 'INVALID_FIELD', "No such column 'Nope' on entity 'Account'"],
    ['SELECT Nope.Id FROM Account', 'INVALID_FIELD', "Didn't understand relationship 'Nope'"],
    ['SELECT Id FROM Nope', 'INVALID_TYPE', "sObject type 'Nope' is not supported"],
    ['SELECT Id Account', 'MALFORMED_QUERY', "unexpected token: 'Account'"],
    ['SELECT FROM Account', 'MALFORMED_QUERY', "unexpected token: 'Account'"],
    ["SELECT Id FROM Account WHERE Name = 'x", 'MALFORMED_QUERY', 'unterminated string'],
    ["SELECT Id FROM Account WHERE Name = '\\q'", 'MALFORMED_QUERY', 'invalid escape'],
    ['SELECT Id FROM Account WHERE Name = 5', 'INVALID_FIELD', 'should be enclosed in quotes'],
    ["SELECT Id FROM Account WHERE LTV__c = '5'", 'INVALID_FIELD', 'should not be enclosed in quotes'],
    ["SELECT Id FROM Account WHERE Id = 'abc'", 'INVALID_QUERY_FILTER_OPERATOR', 'invalid ID field: abc'],
    ["SELECT Id FROM Account WHERE Description = 'x'", 'INVALID_FIELD', 'can not be filtered'],
    ['SELECT Id FROM Account ORDER BY Description', 'INVALID_FIELD', 'can not be sorted'],
    ['SELECT Id, id FROM Account', 'INVALID_FIELD', 'duplicate field selected: Id'],
    ['SELECT Id FROM Account LIMIT x', 'MALFORMED_QUERY', "unexpected token: 'x'"],
    ['SELECT Id FROM Account OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE', 'Maximum SOQL offset'],
    ['SELECT Id, (SELECT Id FROM Contacts) FROM Account', 'MALFORMED_QUERY', "unexpected token: '('"],
    ['', 'MALFORMED_QUERY', 'query string'],
  ]
  test.each(refused)('%s', async (q, errorCode, message) => {
    const answer = await soql(q)
    expect(answer.status).toBe(400)
    expect(answer.body).toEqual([{ errorCode, message: expect.stringContaining(message) }])
  })

  test('the caret stands under the word', async () => {
    const [error] = (await soql('SELECT Id, Nope FROM Account')).body
    const [, line = '', caret = '', place] = error.message.split('\n')
    expect(line.slice(caret.indexOf('^'))).toMatch(/^Nope/)
    expect(place).toBe('ERROR at Row:1:Column:12')
  })
})
