import { describe, expect, test } from 'vitest'
import { CRMS, useEmulator } from './emulator-support.ts'

const emulator = useEmulator({ seed: 7 })
const json = (method: string, body: unknown) => ({ method, body })

describe('health and reset', () => {
  test('health names both CRMs and the seed', async () => {
    const answer = await emulator.plane('/health')
    expect(answer).toMatchObject({ status: 200, body: { status: 'ok', crms: CRMS, seed: 7 } })
  })

  test('reset takes records, schema, journal, faults and clock back to the start; ids begin again', async () => {
    const seed = async () => {
      await emulator.control.putSchema('salesforce', 'Thing__c', { fields: [{ name: 'A__c', type: 'double' }] })
      return emulator.control.putRecords('salesforce', 'Thing__c', [{ A__c: 1 }])
    }
    const before = await seed()
    await emulator.control.advanceClock(3_600_000)
    await emulator.control.addFault({ match: {}, action: { status: 503 } })
    await emulator.raw('/services/data')
    expect((await emulator.plane('/reset', { method: 'POST' })).status).toBe(200)
    expect(await emulator.control.journal()).toEqual([])
    expect((await emulator.raw('/services/data')).status).toBe(200)
    expect((await emulator.plane('/schema/salesforce/Thing__c')).status).toBe(404)
    const { time } = (await emulator.plane('/health')).body
    expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(10_000)
    expect(await seed()).toEqual(before)
  })
})

describe('records', () => {
  test.each(CRMS)('%s: seeds, lists, edits by id, keeps history, and leaves no journal entry', async (crm) => {
    const object = crm === 'salesforce' ? 'Contact' : 'contacts'
    const [name, id] = crm === 'salesforce' ? ['LastName', 'Id'] : ['lastname', 'id']
    const [first = ''] = await emulator.control.putRecords(crm, object, [{ [name]: 'a' }, { [name]: 'b' }])
    await emulator.control.putRecords(crm, object, [{ [id]: first, [name]: 'edited' }])
    const rows = await emulator.control.records(crm, object)
    expect(rows).toHaveLength(2)
    expect(JSON.stringify(rows[0])).toContain('edited')
    const versions = await emulator.control.history(crm, object, first)
    expect(versions.map(({ version, op, request }) => ({ version, op, request }))).toEqual([
      { version: 1, op: 'create', request: 'control' },
      { version: 2, op: 'update', request: 'control' },
    ])
    expect(await emulator.control.journal()).toEqual([])
  })

  test('salesforce: a row with a unique value that is held edits its holder; two rows of one call may share an external id', async () => {
    const fields = [
      { name: 'Key__c', type: 'string', externalId: true, unique: true },
      { name: 'Ext__c', type: 'string', externalId: true },
    ]
    await emulator.control.putSchema('salesforce', 'Account', { fields })
    const [id] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a', Key__c: 'k' }])
    expect(await emulator.control.putRecords('salesforce', 'Account', [{ key__c: 'K', Name: 'b' }])).toEqual([id])
    const twins = await emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'x', Ext__c: 'e' },
      { Name: 'y', Ext__c: 'e' },
    ])
    expect(new Set(twins).size).toBe(2)
    expect(await emulator.control.records('salesforce', 'Account')).toHaveLength(3)
  })

  test('salesforce: seeds are taken as an import takes them: texts for numbers, own dates, normalised all the same', async () => {
    const row = { Name: ' x ', AnnualRevenue: '12.6', CreatedDate: '2020-01-02T03:04:05Z', Site: '' }
    await emulator.control.putRecords('salesforce', 'Account', [row])
    const [stored] = await emulator.control.records('salesforce', 'Account')
    expect(stored).toMatchObject({
      Name: 'x',
      AnnualRevenue: 13,
      CreatedDate: '2020-01-02T03:04:05.000+0000',
      Site: null,
    })
  })

  test('history names the request that made each version', async () => {
    const created = await emulator.api('/sobjects/Account', { method: 'POST', body: { Name: 'x' } })
    await emulator.api(`/sobjects/Account/${created.body.id}`, { method: 'DELETE' })
    const journal = await emulator.control.journal()
    const versions = await emulator.control.history('salesforce', 'Account', created.body.id)
    expect(versions.map((one) => [one.op, one.request])).toEqual([
      ['create', journal[0]?.seq],
      ['delete', journal[1]?.seq],
    ])
    expect(versions[0]?.fields).toMatchObject({ Name: 'x' })
  })
})

describe('schema', () => {
  test('what is left out gets the vendor defaults; a second PUT merges by name', async () => {
    const put = (fields: object[]) => emulator.plane('/schema/salesforce/Account', json('PUT', { fields }))
    await put([
      { name: 'Rank__c', type: 'double' },
      { name: 'Ref__c', type: 'reference', referenceTo: ['Account'] },
    ])
    const answer = await put([{ name: 'rank__c', precision: 5, scale: 1 }])
    const fields = new Map(answer.body.fields.map((field: { name: string }) => [field.name, field]))
    expect(fields.get('Rank__c')).toMatchObject({
      type: 'double',
      precision: 5,
      scale: 1,
      custom: true,
      nillable: true,
      label: 'Rank',
    })
    expect(fields.get('Ref__c')).toMatchObject({ relationshipName: 'Ref__r', length: 18, soapType: 'tns:ID' })
    expect(fields.get('Name')).toMatchObject({ length: 255, nillable: false })
  })

  test('an existing field may become a key, get a picklist, or be hidden as if it were deleted', async () => {
    const put = (field: object) => emulator.control.putSchema('salesforce', 'Account', { fields: [field] })
    const described = async (name: string) => {
      const { fields } = (await emulator.api('/sobjects/Account/describe')).body
      return fields.find((field: { name: string }) => field.name === name)
    }
    await put({ name: 'A__c', type: 'string' })
    await put({ name: 'P__c', type: 'picklist' })
    expect(await described('A__c')).toMatchObject({ idLookup: false })
    await put({ name: 'A__c', externalId: true })
    await put({ name: 'P__c', picklistValues: [{ value: 'x' }] })
    expect(await described('A__c')).toMatchObject({ idLookup: true, externalId: true })
    expect(await described('P__c')).toMatchObject({
      restrictedPicklist: true,
      picklistValues: [{ value: 'x', label: 'x', active: true }],
    })
    await put({ name: 'P__c', deprecatedAndHidden: true })
    expect(await described('P__c')).toBe(undefined)
    const refused = await emulator.api('/sobjects/Account', { method: 'POST', body: { Name: 'x', P__c: 'x' } })
    expect(refused.body[0].errorCode).toBe('INVALID_FIELD')
    await put({ name: 'P__c', deprecatedAndHidden: false })
    expect(await described('P__c')).toMatchObject({ restrictedPicklist: true })
  })

  test('a new object has Id, Name, an owner and system fields, and works at once', async () => {
    await emulator.control.putSchema('salesforce', 'Plan__c', {
      fields: [{ name: 'Seats__c', type: 'double', scale: 0 }],
    })
    const created = await emulator.api('/sobjects/plan__c', { method: 'POST', body: { Seats__c: 3 } })
    expect(created.status).toBe(201)
    const row = (await emulator.api(`/sobjects/Plan__c/${created.body.id}`)).body
    expect(row).toMatchObject({ Name: created.body.id, Seats__c: 3, OwnerId: expect.stringMatching(/^005/) })
    const listed = (await emulator.api('/sobjects')).body.sobjects.find(
      (one: { name: string }) => one.name === 'Plan__c',
    )
    expect(listed).toMatchObject({ custom: true, keyPrefix: created.body.id.slice(0, 3) })
  })

  test('a describe that did not change since is 304', async () => {
    const path = '/sobjects/Account/describe'
    const first = await emulator.api(path)
    const headers = { 'if-modified-since': String(first.headers.get('last-modified')) }
    expect(await emulator.api(path, { headers })).toMatchObject({ status: 304, text: '' })
    await emulator.control.advanceClock(5_000)
    await emulator.control.putSchema('salesforce', 'Account', { fields: [{ name: 'New__c', type: 'date' }] })
    expect((await emulator.api(path, { headers })).status).toBe(200)
  })
})

describe('the clock', () => {
  test('moves what the CRMs write', async () => {
    const answer = await emulator.plane('/clock', json('POST', { advance_ms: 86_400_000 }))
    expect(Date.parse(answer.body.now) - Date.now()).toBeGreaterThan(86_000_000)
    const created = await emulator.api('/sobjects/Account', { method: 'POST', body: { Name: 'x' } })
    const row = (await emulator.api(`/sobjects/Account/${created.body.id}`)).body
    expect(Date.parse(row.CreatedDate) - Date.now()).toBeGreaterThan(86_000_000)
    const [entry] = await emulator.control.journal()
    expect(Date.parse(String(entry?.time)) - Date.now()).toBeGreaterThan(86_000_000)
  })
})

describe('bad control input', () => {
  const bad: [what: string, method: string, path: string, body: unknown, status: number][] = [
    ['broken JSON', 'POST', '/records/salesforce/Account', '[{', 400],
    ['an object for rows', 'POST', '/records/salesforce/Account', {}, 400],
    ['rows that are none', 'POST', '/records/salesforce/Account', [1], 400],
    ['a value the field cannot hold', 'POST', '/records/salesforce/Account', [{ AnnualRevenue: 'much' }], 400],
    ['an id of nothing', 'POST', '/records/salesforce/Account', [{ Id: '0015g00000zzzzzAAA' }], 400],
    ['an unknown CRM', 'GET', '/records/zoho/Account', undefined, 404],
    ['an unknown object', 'GET', '/records/salesforce/Nope', undefined, 404],
    ['an unknown path', 'GET', '/nope', undefined, 404],
    ['a method it does not have', 'DELETE', '/records/salesforce/Account', undefined, 405],
    ['a schema without an object', 'PUT', '/schema/salesforce/Account', [], 400],
    ['an unknown schema key', 'PUT', '/schema/salesforce/Account', { field: [] }, 400],
    ['a field without type', 'PUT', '/schema/salesforce/Account', { fields: [{ name: 'A__c' }] }, 400],
    ['a field of unknown type', 'PUT', '/schema/salesforce/Account', { fields: [{ name: 'A__c', type: 'text' }] }, 400],
    [
      'an unknown attribute',
      'PUT',
      '/schema/salesforce/Account',
      { fields: [{ name: 'A__c', type: 'string', size: 1 }] },
      400,
    ],
    [
      'an attribute of the wrong type',
      'PUT',
      '/schema/salesforce/Account',
      { fields: [{ name: 'A__c', type: 'string', length: '5' }] },
      400,
    ],
    [
      'a reference to nothing',
      'PUT',
      '/schema/salesforce/Account',
      { fields: [{ name: 'A__c', type: 'reference', referenceTo: ['Nope'] }] },
      400,
    ],
    ['a clock that goes back', 'POST', '/clock', { advance_ms: -1 }, 400],
    ['a clock without a step', 'POST', '/clock', {}, 400],
    ['a fault without action', 'POST', '/faults', { match: {} }, 400],
    ['a fault that does nothing', 'POST', '/faults', { match: {}, action: {} }, 400],
    ['an unknown action', 'POST', '/faults', { match: {}, action: { explode: true } }, 400],
    ['actions that contradict', 'POST', '/faults', { match: {}, action: { status: 500, drop_after_apply: true } }, 400],
    ['a bad expression', 'POST', '/faults', { match: { path: '/(/' }, action: { status: 500 } }, 400],
    ['an nth of zero', 'POST', '/faults', { match: { nth: 0 }, action: { status: 500 } }, 400],
    ['one bad fault of two', 'POST', '/faults', [{ action: { status: 500 } }, { action: { status: 99 } }], 400],
  ]
  test.each(bad)('%s', async (_what, method, path, body, status) => {
    const answer = await emulator.plane(path, { method, body })
    expect(answer.status).toBe(status)
    expect(answer.body).toEqual({ error: expect.any(String) })
    expect((await emulator.raw('/services/data')).status).toBe(200)
  })
})
