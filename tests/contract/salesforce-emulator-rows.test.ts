import { beforeEach, describe, expect, test } from 'vitest'
import { ACCOUNT_FIELDS, useEmulator } from './emulator-support.ts'

const emulator = useEmulator()
beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

const create = (row: object) => emulator.api('/sobjects/Account', { method: 'POST', body: row })
const only = async (id: string) => (await emulator.api(`/sobjects/Account/${id}`)).body

describe('rows by id', () => {
  test('a create answers 201 with an 18-character id and its place; the 15-character form finds it too', async () => {
    const created = await create({ Name: 'Acme' })
    expect(created).toMatchObject({ status: 201, body: { success: true, errors: [] } })
    const { id } = created.body
    expect(id).toMatch(/^001[0-9A-Za-z]{15}$/)
    expect(created.headers.get('location')).toBe(`/services/data/v66.0/sobjects/Account/${id}`)
    expect((await only(id.slice(0, 15))).Id).toBe(id)
    const swapped = id.slice(0, 17) + (id.endsWith('A') ? 'B' : 'A')
    expect((await emulator.api(`/sobjects/Account/${swapped}`)).status).toBe(404)
  })

  test('an update answers 204 with nothing; a deleted row says so, an unknown one is not found', async () => {
    const { id } = (await create({ Name: 'Acme' })).body
    const path = `/sobjects/Account/${id}`
    expect(await emulator.api(path, { method: 'PATCH', body: { Phone: '1' } })).toMatchObject({ status: 204, text: '' })
    expect((await emulator.api(path, { method: 'DELETE' })).status).toBe(204)
    const gone = await emulator.api(path, { method: 'PATCH', body: { Phone: '2' } })
    expect(gone).toMatchObject({ status: 404, body: [{ errorCode: 'ENTITY_IS_DELETED' }] })
    const never = await emulator.api('/sobjects/Account/0015g00000zzzzzAAA', { method: 'PATCH', body: {} })
    expect(never).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] })
  })

  test('names are found in any case and answered in their own', async () => {
    const created = await emulator.api('/sobjects/account', {
      method: 'POST',
      body: { name: 'x', CUSTOMER_ID__C: 'k' },
    })
    expect(await only(created.body.id)).toMatchObject({ Name: 'x', Customer_Id__c: 'k' })
    const some = await emulator.api(`/sobjects/ACCOUNT/${created.body.id}?fields=name,ltv__c`)
    expect(some.body).toEqual({
      attributes: { type: 'Account', url: `/services/data/v66.0/sobjects/Account/${created.body.id}` },
      Name: 'x',
      LTV__c: null,
      Id: created.body.id,
    })
  })

  test('a whole row has every field of the describe, nulls and addresses included', async () => {
    const { id } = (await create({ Name: 'x', BillingCity: 'Ulm' })).body
    const row = await only(id)
    const fields = (await emulator.api('/sobjects/Account/describe')).body.fields.map((f: { name: string }) => f.name)
    expect(Object.keys(row)).toEqual(['attributes', ...fields])
    expect(row).toMatchObject({
      BillingAddress: { city: 'Ulm', street: null },
      ShippingAddress: null,
      Active__c: false,
    })
    expect(row.CreatedDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/)
  })
})

describe('rows by external id', () => {
  const upsert = (key: string, body: object, query = '') =>
    emulator.api(`/sobjects/Account/Customer_Id__c/${key}${query}`, { method: 'PATCH', body })

  test('creates, then updates; keys with reserved characters are taken exactly', async () => {
    const key = 'J1/a?b#c%d é'
    const created = await upsert(encodeURIComponent(key), { Name: 'x' })
    expect(created).toMatchObject({ status: 201, body: { success: true, errors: [], created: true } })
    const updated = await upsert(encodeURIComponent(key), { Name: 'y' })
    expect(updated).toMatchObject({ status: 200, body: { id: created.body.id, success: true, created: false } })
    expect(await only(created.body.id)).toMatchObject({ Customer_Id__c: key, Name: 'y' })
    expect((await emulator.api(`/sobjects/Account/Customer_Id__c/${encodeURIComponent(key)}`)).body.Name).toBe('y')
  })

  test('a key of several records is 300 with their addresses and no write', async () => {
    const rows = [
      { Name: 'a', Legacy_Id__c: 'L' },
      { Name: 'b', Legacy_Id__c: 'L' },
    ]
    const ids = await emulator.control.putRecords('salesforce', 'Account', rows)
    const path = '/sobjects/Account/Legacy_Id__c/L'
    const answer = await emulator.api(path, { method: 'PATCH', body: { Name: 'changed' } })
    expect(answer.status).toBe(300)
    expect(answer.body).toEqual(ids.map((id) => `/services/data/v66.0/sobjects/Account/${id}`))
    expect((await emulator.control.records('salesforce', 'Account')).map((row) => row.Name)).toEqual(['a', 'b'])
  })

  test('updateOnly never creates; key or Id in the body are refused; an unknown key field is named', async () => {
    expect((await upsert('none', { Name: 'x' }, '?updateOnly=true')).status).toBe(404)
    expect(await emulator.control.records('salesforce', 'Account')).toEqual([])
    expect((await upsert('k', { Name: 'x', customer_id__c: 'k' })).status).toBe(400)
    expect((await upsert('k', { Name: 'x', Id: '001' })).status).toBe(400)
    const unknown = await emulator.api('/sobjects/Account/Nope__c/1', { method: 'PATCH', body: { Name: 'x' } })
    expect(unknown).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] })
    const noKey = await emulator.api('/sobjects/Account/Site/1', { method: 'PATCH', body: { Name: 'x' } })
    expect(noKey).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_FIELD' }] })
  })

  test('keys of a unique field ignore case; keys of another external id do not', async () => {
    await upsert('Abc', { Name: 'x', Legacy_Id__c: 'Leg' })
    expect((await upsert('ABC', { Name: 'y' })).status).toBe(200)
    const other = await emulator.api('/sobjects/Account/Legacy_Id__c/LEG', { method: 'PATCH', body: { Name: 'z' } })
    expect(other.status).toBe(201)
  })
})

describe('what the describe attributes refuse', () => {
  const refused: [what: string, row: object, code: string, fields: string[] | undefined][] = [
    ['an unknown field', { Name: 'x', Nope__c: 1 }, 'INVALID_FIELD', undefined],
    ['a calculated field', { Name: 'x', Score__c: 1 }, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['Score__c']],
    ['a compound field', { Name: 'x', BillingAddress: {} }, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['BillingAddress']],
    ['a system field', { Name: 'x', CreatedDate: null }, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['CreatedDate']],
    ['a missing required field', { Phone: '1' }, 'REQUIRED_FIELD_MISSING', ['Name']],
    ['a required field of blanks', { Name: '  ' }, 'REQUIRED_FIELD_MISSING', ['Name']],
    ['a text that is too long', { Name: 'x', Legacy_Id__c: 'x'.repeat(21) }, 'STRING_TOO_LONG', ['Legacy_Id__c']],
    ['a bad e-mail', { Name: 'x', Billing_Email__c: 'a@b' }, 'INVALID_EMAIL_ADDRESS', ['Billing_Email__c']],
    ['too many digits', { Name: 'x', Risk_Score__c: 1000 }, 'NUMBER_OUTSIDE_VALID_RANGE', ['Risk_Score__c']],
    ['too many employees', { Name: 'x', NumberOfEmployees: 1e8 }, 'NUMBER_OUTSIDE_VALID_RANGE', ['NumberOfEmployees']],
    [
      'a value outside a restricted picklist',
      { Name: 'x', Usage_Segment__c: 'Power' },
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      ['Usage_Segment__c'],
    ],
    [
      'one bad value of several',
      { Name: 'x', Interests__c: 'a;z' },
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      ['Interests__c'],
    ],
    ['a text for a number', { Name: 'x', LTV__c: 'twelve' }, 'INVALID_TYPE_ON_FIELD_IN_RECORD', ['LTV__c']],
    ['a text for a boolean', { Name: 'x', Active__c: 'true' }, 'INVALID_TYPE_ON_FIELD_IN_RECORD', ['Active__c']],
    ['a null boolean', { Name: 'x', Active__c: null }, 'INVALID_TYPE_ON_FIELD_IN_RECORD', ['Active__c']],
    ['a date that is none', { Name: 'x', Renewal__c: '2026-02-30' }, 'INVALID_TYPE_ON_FIELD_IN_RECORD', ['Renewal__c']],
    [
      'a datetime without zone',
      { Name: 'x', Seen_At__c: '2026-02-03T04:05:06' },
      'INVALID_TYPE_ON_FIELD_IN_RECORD',
      ['Seen_At__c'],
    ],
    ['a list for a text', { Name: ['x'] }, 'JSON_PARSER_ERROR', ['Name']],
    ['a malformed id', { Name: 'x', ParentId: 'abc' }, 'MALFORMED_ID', ['ParentId']],
    [
      'an id of another object',
      { Name: 'x', ParentId: '0035g00000000zzAAA' },
      'FIELD_INTEGRITY_EXCEPTION',
      ['ParentId'],
    ],
    ['an id of nothing', { Name: 'x', ParentId: '0015g00000zzzzzAAA' }, 'INVALID_CROSS_REFERENCE_KEY', ['ParentId']],
    ['a parent by an unknown key', { Name: 'x', Parent: { Customer_Id__c: 'no' } }, 'INVALID_FIELD', undefined],
  ]
  test.each(refused)('%s', async (_what, row, errorCode, fields) => {
    const answer = await create(row)
    expect(answer.status).toBe(400)
    expect(answer.body).toEqual([{ errorCode, message: expect.any(String), ...(fields ? { fields } : {}) }])
    expect(await emulator.control.records('salesforce', 'Account')).toEqual([])
  })

  test('a unique value held by another record, with that record named', async () => {
    const { id } = (await create({ Name: 'x', Customer_Id__c: 'K' })).body
    const clash = await create({ Name: 'y', Customer_Id__c: 'k' })
    const message = `duplicate value found: Customer_Id__c duplicates value on record with id: ${id}`
    expect(clash.body).toEqual([{ errorCode: 'DUPLICATE_VALUE', message }])
  })

  test('JSON that is none, and JSON that is no object', async () => {
    for (const body of ['{"Name":', '[]', '"x"', '']) {
      const headers = { 'content-type': 'application/json' }
      const answer = await emulator.api('/sobjects/Account', { method: 'POST', body, headers })
      expect(answer).toMatchObject({ status: 400, body: [{ errorCode: 'JSON_PARSER_ERROR' }] })
    }
    const csv = await emulator.api('/sobjects/Account', {
      method: 'POST',
      body: 'Name',
      headers: { 'content-type': 'text/csv' },
    })
    expect(csv).toMatchObject({ status: 415, body: [{ errorCode: 'UNSUPPORTED_MEDIA_TYPE' }] })
  })

  test('an update may not empty a required field', async () => {
    const { id } = (await create({ Name: 'x' })).body
    const answer = await emulator.api(`/sobjects/Account/${id}`, { method: 'PATCH', body: { Name: null } })
    expect(answer.body).toMatchObject([{ errorCode: 'REQUIRED_FIELD_MISSING', fields: ['Name'] }])
  })
})

describe('how values are stored', () => {
  const stored: [what: string, row: object, expected: object][] = [
    ['numbers are rounded half up to the scale', { LTV__c: 1.005 }, { LTV__c: 1.01 }],
    ['negative ones away from zero', { LTV__c: -2.675 }, { LTV__c: -2.68 }],
    ['tiny ones to zero without a sign', { LTV__c: -1e-9 }, { LTV__c: 0 }],
    ['texts are trimmed', { Site: '  a b\t' }, { Site: 'a b' }],
    ['blank texts become null', { Site: '', Phone: '   ' }, { Site: null, Phone: null }],
    ['null clears', { Site: null }, { Site: null }],
    ['numbers are fine for texts', { Site: 42 }, { Site: '42' }],
    [
      'datetimes come back in UTC without milliseconds',
      { Seen_At__c: '2026-02-03T04:05:06.789+02:00' },
      { Seen_At__c: '2026-02-03T02:05:06.000+0000' },
    ],
    ['dates stay dates', { Renewal__c: '2024-02-29' }, { Renewal__c: '2024-02-29' }],
    ['several picklist values once each', { Interests__c: 'b; a;b' }, { Interests__c: 'b;a' }],
    ['what is left out stays', {}, { Site: 'before' }],
  ]
  test.each(stored)('%s', async (_what, row, expected) => {
    const { id } = (await create({ Name: 'x', Site: 'before' })).body
    expect((await emulator.api(`/sobjects/Account/${id}`, { method: 'PATCH', body: row })).status).toBe(204)
    expect(await only(id)).toMatchObject(expected)
  })

  test('a parent by one of its own keys', async () => {
    const parent = (await create({ Name: 'p', Customer_Id__c: 'P' })).body.id
    const child = await create({ Name: 'c', Parent: { Customer_Id__c: 'p' } })
    expect((await only(child.body.id)).ParentId).toBe(parent)
    await emulator.api(`/sobjects/Account/${child.body.id}`, { method: 'PATCH', body: { Parent: null } })
    expect((await only(child.body.id)).ParentId).toBe(null)
  })

  test('a person has a full name, a case a number, a deal a probability', async () => {
    const post = (object: string, body: object) => emulator.api(`/sobjects/${object}`, { method: 'POST', body })
    const contact = await post('Contact', { FirstName: 'Ada', LastName: 'L' })
    expect((await emulator.api(`/sobjects/Contact/${contact.body.id}`)).body.Name).toBe('Ada L')
    const ticket = await post('Case', {})
    const row = (await emulator.api(`/sobjects/Case/${ticket.body.id}`)).body
    expect(row).toMatchObject({ CaseNumber: '00001001', Status: 'New', Priority: 'Medium' })
    const deal = await post('Opportunity', { Name: 'd', StageName: 'Closed Won', CloseDate: '2026-01-01', Amount: 10 })
    const dealRow = (await emulator.api(`/sobjects/Opportunity/${deal.body.id}`)).body
    expect(dealRow).toMatchObject({ IsClosed: true, IsWon: true, Probability: 100, ExpectedRevenue: 10 })
  })
})

describe('assignment rules', () => {
  test('change the owner of accounts, cases and leads unless the header says FALSE', async () => {
    const owner = async (object: string, row: object, header: string | undefined) => {
      const headers = { authorization: 'Bearer x', ...(header === undefined ? {} : { 'sforce-auto-assign': header }) }
      const created = await emulator.raw(`/services/data/v66.0/sobjects/${object}`, {
        method: 'POST',
        body: row,
        headers,
      })
      return (await emulator.api(`/sobjects/${object}/${created.body.id}`)).body.OwnerId
    }
    const kept = await owner('Account', { Name: 'x' }, 'False')
    expect(await owner('Account', { Name: 'x' }, undefined)).not.toBe(kept)
    expect(await owner('Lead', { LastName: 'x', Company: 'y' }, 'TRUE')).not.toBe(kept)
    expect(await owner('Case', {}, undefined)).not.toBe(kept)
    expect(await owner('Contact', { LastName: 'x' }, undefined)).toBe(kept)
  })

  test('also on an update of a record somebody owns', async () => {
    const users = await emulator.control.records('salesforce', 'User')
    const colleague = users.find((user) => user.LastName === 'Colleague')?.Id
    const [id = ''] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'x', OwnerId: colleague }])
    const update = { method: 'PATCH', body: { Site: 'a' } }
    await emulator.api(`/sobjects/Account/${id}`, update)
    expect((await only(id)).OwnerId).toBe(colleague)
    await emulator.api(`/sobjects/Account/${id}`, { ...update, headers: { 'sforce-auto-assign': 'TRUE' } })
    expect((await only(id)).OwnerId).not.toBe(colleague)
  })
})
