import { beforeEach, describe, expect, test } from 'vitest'
import { ACCOUNT_FIELDS, type Answer, useEmulator } from '../../contract/emulator-support.ts'

const emulator = useEmulator()
type Row = Record<string, unknown>
const KEY = '/sobjects/Account/Customer_Id__c'
const create = (row: Row, object = 'Account') => emulator.api(`/sobjects/${object}`, { method: 'POST', body: row })
const patch = (path: string, row: Row) => emulator.api(path, { method: 'PATCH', body: row })
const stored = async (id: string): Promise<Row> => (await emulator.api(`/sobjects/Account/${id}`)).body
const all = () => emulator.control.records('salesforce', 'Account')
const errorOf = ({ status, body }: Answer) => ({ status, code: body[0].errorCode, fields: body[0].fields ?? [] })

beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

// The published way to make the last three characters, written apart from the emulator's own.
function checksumOf(id: string): string {
  return [0, 5, 10]
    .map((start) => {
      const bits = [...id.slice(start, start + 5)].map((char, place) => (/[A-Z]/.test(char) ? 2 ** place : 0))
      return 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'[bits.reduce((sum, bit) => sum + bit, 0)]
    })
    .join('')
}

describe('one row', () => {
  test('case 19: a create is 201 with an id of 18 characters whose checksum is right; 15 find it too', async () => {
    const { status, body, headers } = await create({ Name: 'x' })
    expect({ status, body }).toEqual({
      status: 201,
      body: { id: expect.stringMatching(/^001.{15}$/), success: true, errors: [] },
    })
    expect(headers.get('location')).toBe(`/services/data/v66.0/sobjects/Account/${body.id}`)
    expect(body.id.slice(15)).toBe(checksumOf(body.id))
    expect((await stored(body.id.slice(0, 15))).Id).toBe(body.id)
    expect((await patch(`/sobjects/Account/${body.id.slice(0, 15)}`, { Name: 'y' })).status).toBe(204)
    expect((await emulator.api(`/sobjects/Account/${body.id.slice(0, 15)}ZZZ`)).status).toBe(404)
  })

  test('case 20: an update is 204 with nothing; a deleted id is 404 here and ENTITY_IS_DELETED in collections', async () => {
    const { id } = (await create({ Name: 'x' })).body
    const updated = await patch(`/sobjects/Account/${id}`, { Name: 'y' })
    expect(updated).toMatchObject({ status: 204, text: '' })
    expect((await emulator.api(`/sobjects/Account/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect(await patch(`/sobjects/Account/${id}`, { Name: 'z' })).toMatchObject({ status: 404 })
    const record = { attributes: { type: 'Account' }, Id: id, Name: 'z' }
    const { body } = await patch('/composite/sobjects', { records: [record] })
    expect(body).toEqual([
      { success: false, errors: [{ statusCode: 'ENTITY_IS_DELETED', message: 'entity is deleted', fields: [] }] },
    ])
  })

  test('case 20: a record merged into another is gone, and the bin names the one that stays', async () => {
    const [master, merged] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a' }, { Name: 'b' }])
    await emulator.control.act('salesforce', 'merge', { object: 'Account', master, merged: [merged] })
    expect((await patch(`/sobjects/Account/${merged}`, { Name: 'c' })).status).toBe(404)
    const q = encodeURIComponent('SELECT MasterRecordId FROM Account WHERE IsDeleted = true')
    expect((await emulator.api(`/queryAll?q=${q}`)).body.records).toMatchObject([{ MasterRecordId: master }])
  })
})

describe('a row by its key', () => {
  test.each(['C-1', 'a/b?c#d%e', 'ümlaut €', 'a b+c&d=e', "o'neil", '😀', '..'])(
    'case 21: new is 201 created:true, known is 200 created:false, the key exactly: %s',
    async (key) => {
      // Dots alone are taken out of an address by every client before it is sent.
      const path = `${KEY}/${key === '..' ? '%2E%2E.' : encodeURIComponent(key)}`
      const first = await patch(path, { Name: 'x' })
      expect(first).toMatchObject({ status: 201, body: { success: true, errors: [], created: true } })
      expect(await patch(path, { Name: 'y' })).toMatchObject({
        status: 200,
        body: { id: first.body.id, success: true, errors: [], created: false },
      })
      expect((await all()).map((row) => [row.Customer_Id__c, row.Name])).toEqual([[key === '..' ? '...' : key, 'y']])
      expect((await emulator.api(path)).body.Id).toBe(first.body.id)
    },
  )

  test('case 22: two matches are 300 with both addresses, and nothing is written', async () => {
    const ids = await emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'a', Legacy_Id__c: 'L' },
      { Name: 'b', Legacy_Id__c: 'L' },
    ])
    const answer = await patch('/sobjects/Account/Legacy_Id__c/L', { Name: 'c' })
    expect(answer.status).toBe(300)
    expect(answer.body).toEqual(ids.map((id) => `/services/data/v66.0/sobjects/Account/${id}`))
    expect((await all()).map((row) => row.Name)).toEqual(['a', 'b'])
  })

  test('case 23: updateOnly without a match is an error and creates nothing', async () => {
    expect((await patch(`${KEY}/none?updateOnly=true`, { Name: 'x' })).status).toBeGreaterThanOrEqual(400)
    expect(await all()).toEqual([])
    await patch(`${KEY}/some`, { Name: 'x' })
    expect((await patch(`${KEY}/some?updateOnly=true`, { Name: 'y' })).status).toBe(200)
  })

  test.each([['Id'], ['Customer_Id__c'], ['customer_id__C']])('case 24: %s in the body is 400', async (name) => {
    const value = name === 'Id' ? '001000000000000AAA' : 'K'
    expect((await patch(`${KEY}/K`, { Name: 'x', [name]: value })).status).toBe(400)
    expect(await all()).toEqual([])
  })
})

describe('values', () => {
  test('case 30: null clears, what is left out stays, a required field cannot be cleared', async () => {
    const { id } = (await create({ Name: 'x', Site: 'HQ', LTV__c: 5 })).body
    await patch(`/sobjects/Account/${id}`, { Site: null })
    expect(await stored(id)).toMatchObject({ Site: null, LTV__c: 5, Name: 'x' })
    const refused = await patch(`/sobjects/Account/${id}`, { Name: null, LTV__c: 6 })
    expect(errorOf(refused)).toEqual({ status: 400, code: 'REQUIRED_FIELD_MISSING', fields: ['Name'] })
    expect(await stored(id)).toMatchObject({ LTV__c: 5 })
    expect(errorOf(await create({ Site: 'HQ' }))).toEqual({
      status: 400,
      code: 'REQUIRED_FIELD_MISSING',
      fields: ['Name'],
    })
  })

  test.each<[what: string, row: Row, code: string, field: string]>([
    ['too long', { Customer_Id__c: 'x'.repeat(65) }, 'STRING_TOO_LONG', 'Customer_Id__c'],
    ['no address', { Billing_Email__c: 'nobody' }, 'INVALID_EMAIL_ADDRESS', 'Billing_Email__c'],
    ['not in the list', { Usage_Segment__c: 'huge' }, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'Usage_Segment__c'],
    [
      'one of several not in the list',
      { Interests__c: 'a;z' },
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      'Interests__c',
    ],
    ['out of range', { Risk_Score__c: 1000 }, 'NUMBER_OUTSIDE_VALID_RANGE', 'Risk_Score__c'],
    ['a text for a number', { LTV__c: 'twelve' }, 'INVALID_TYPE_ON_FIELD_IN_RECORD', 'LTV__c'],
    ['a text for a boolean', { Active__c: 'yes' }, 'INVALID_TYPE_ON_FIELD_IN_RECORD', 'Active__c'],
    ['null for a boolean', { Active__c: null }, 'INVALID_TYPE_ON_FIELD_IN_RECORD', 'Active__c'],
    ['a day that is none', { Renewal__c: '2026-02-30' }, 'INVALID_TYPE_ON_FIELD_IN_RECORD', 'Renewal__c'],
    ['a moment without a zone', { Seen_At__c: '2026-01-31T10:00:00' }, 'INVALID_TYPE_ON_FIELD_IN_RECORD', 'Seen_At__c'],
    ['no id', { ParentId: '001' }, 'MALFORMED_ID', 'ParentId'],
  ])('case 31: %s', async (_what, row, code, field) => {
    expect(errorOf(await create({ Name: 'x', ...row }))).toEqual({ status: 400, code, fields: [field] })
    expect(await all()).toEqual([])
  })

  test.each<[what: string, row: Row, expected: Row]>([
    ['text is trimmed', { Site: '  two words \t' }, { Site: 'two words' }],
    ['an empty text is null', { Site: '' }, { Site: null }],
    ['white space alone is null', { Site: ' \n ' }, { Site: null }],
    ['a no-break space is text', { Site: '\u00a0x' }, { Site: '\u00a0x' }],
    ['emoji and quotes', { Site: '"😀"\n\\' }, { Site: '"😀"\n\\' }],
    ['rounded to the scale', { LTV__c: 1.005 }, { LTV__c: 1.01 }],
    ['a number in scientific form', { LTV__c: 1.5e3 }, { LTV__c: 1500 }],
    [
      'milliseconds are cut',
      { Seen_At__c: '2026-01-31T10:00:00.987Z' },
      { Seen_At__c: '2026-01-31T10:00:00.000+0000' },
    ],
    ['zones become UTC', { Seen_At__c: '2026-01-31T00:30:00+02:00' }, { Seen_At__c: '2026-01-30T22:30:00.000+0000' }],
    ['several values of a list', { Interests__c: 'c; a;c' }, { Interests__c: 'c;a' }],
    ['a boolean nobody set', {}, { Active__c: false }],
  ])('case 31: what is stored: %s', async (_what, row, expected) => {
    const { id } = (await create({ Name: 'x', ...row })).body
    expect(await stored(id)).toMatchObject(expected)
  })

  test('case 31: a reference of 15 characters comes back with 18', async () => {
    const { id } = (await create({ Name: 'parent' })).body
    const child = (await create({ Name: 'child', ParentId: id.slice(0, 15) })).body
    expect((await stored(child.id)).ParentId).toBe(id)
  })
})

describe('rules of the platform', () => {
  test('a converted lead is not written to', async () => {
    const lead = (await create({ LastName: 'l', Company: 'c', IsConverted: true }, 'Lead')).body.id
    expect(errorOf(await patch(`/sobjects/Lead/${lead}`, { Title: 't' })).code).toBe('CANNOT_UPDATE_CONVERTED_LEAD')
  })

  test('nobody who left owns a record, and no record is its own parent', async () => {
    const [gone] = await emulator.control.putRecords('salesforce', 'User', [
      { Username: 'gone@x.example', LastName: 'g', Email: 'g@x.example', Alias: 'g', IsActive: false },
    ])
    expect(errorOf(await create({ Name: 'x', OwnerId: gone })).code).toBe('INACTIVE_OWNER_OR_USER')
    const { id } = (await create({ Name: 'x' })).body
    expect(errorOf(await patch(`/sobjects/Account/${id}`, { ParentId: id })).code).toBe('CIRCULAR_DEPENDENCY')
  })
})

describe('parents by key', () => {
  test('case 32: an external id links; an unknown one is INVALID_FIELD in the known words', async () => {
    const parent = (await create({ Name: 'p', Customer_Id__c: 'p-1' })).body.id
    const contact = await create({ LastName: 'x', Account: { Customer_Id__c: 'p-1' } }, 'Contact')
    expect((await emulator.api(`/sobjects/Contact/${contact.body.id}`)).body.AccountId).toBe(parent)
    const unknown = await create({ LastName: 'y', Account: { Customer_Id__c: 'p-2' } }, 'Contact')
    expect(unknown).toMatchObject({
      status: 400,
      body: [
        {
          errorCode: 'INVALID_FIELD',
          message: 'Foreign key external ID: p-2 not found for field Customer_Id__c in entity Account',
        },
      ],
    })
  })

  test('case 32: a polymorphic parent has to say what it is', async () => {
    await emulator.control.putRecords('salesforce', 'Lead', [{ LastName: 'l', Company: 'c', Email: 'l@x.example' }])
    const [lead] = await emulator.control.records('salesforce', 'Lead')
    const typed = await create({ Subject: 's', Who: { attributes: { type: 'Lead' }, Email: 'l@x.example' } }, 'Task')
    expect((await emulator.api(`/sobjects/Task/${typed.body.id}`)).body.WhoId).toBe(lead?.Id)
    const untyped = await create({ Subject: 's', Who: { Email: 'l@x.example' } }, 'Task')
    expect(errorOf(untyped)).toEqual({ status: 400, code: 'INVALID_FIELD', fields: ['Who'] })
    const wrong = await create({ Subject: 's', Who: { attributes: { type: 'Account' }, Name: 'a' } }, 'Task')
    expect(errorOf(wrong).code).toBe('INVALID_FIELD')
    const q = encodeURIComponent("SELECT Who.Email FROM Task WHERE Who.Email = 'l@x.example'")
    expect((await emulator.api(`/query?q=${q}`)).body.records[0].Who.attributes.type).toBe('Lead')
  })

  test('case 32: several parents with one key are an error, null takes the parent away', async () => {
    await emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'a', Legacy_Id__c: 'L' },
      { Name: 'b', Legacy_Id__c: 'L' },
      { Name: 'c', Customer_Id__c: 'c' },
    ])
    expect((await create({ Name: 'x', Parent: { Legacy_Id__c: 'L' } })).body[0].errorCode).toBe('INVALID_FIELD')
    const { id } = (await create({ Name: 'x', Parent: { Customer_Id__c: 'c' } })).body
    expect((await stored(id)).ParentId).toMatch(/^001/)
    await patch(`/sobjects/Account/${id}`, { ParentId: null })
    expect((await stored(id)).ParentId).toBe(null)
  })
})
