import { expect, test } from 'vitest'
import { EXTERNAL_KEY, testPortal } from './hubspot-emulator-support.ts'

const ids = (answer: { body: { results: { id: string }[] } }) => answer.body.results.map((one) => one.id)

test('batch read by id: what is there, and one 207 item for what is not', () => {
  const { post, crm } = testPortal()
  const made = crm.putRecords('companies', [{ name: 'A', domain: 'a.example' }, { name: 'B' }])
  const answer = post('companies/batch/read', {
    properties: ['name', 'city', 'no_such_property'],
    inputs: [...made, '5', 'abc', made[0]].map((id) => ({ id })),
  })
  expect([answer.status, ids(answer), answer.body.numErrors]).toEqual([207, made, 1])
  expect(answer.body.results[0].properties).toEqual({
    createdate: '2026-10-01T12:00:00Z',
    hs_lastmodifieddate: '2026-10-01T12:00:00Z',
    hs_object_id: made[0],
    name: 'A',
    city: null,
  })
  expect(answer.body.errors[0]).toMatchObject({ category: 'OBJECT_NOT_FOUND', context: { ids: ['5', 'abc'] } })
  const plain = post('companies/batch/read', { inputs: [{ id: made[0] }] })
  expect([plain.status, Object.keys(plain.body.results[0].properties)]).toEqual([
    200,
    ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
  ])
})

test('batch read by e-mail folds case, by another unique property it does not, by one that is not unique it refuses', () => {
  const { post, properties, crm } = testPortal()
  properties('contacts', [EXTERNAL_KEY])
  const [id] = crm.putRecords('contacts', [{ email: 'a@x.example', customer_id: 'c1' }])
  const read = (idProperty: string, key: string) => post('contacts/batch/read', { idProperty, inputs: [{ id: key }] })
  expect(ids(read('email', 'A@X.example'))).toEqual([id])
  expect(ids(read('customer_id', 'c1'))).toEqual([id])
  expect(read('customer_id', 'C1')).toMatchObject({ status: 207, body: { results: [], numErrors: 1 } })
  expect(read('firstname', 'x').body.message).toContain('non-unique 0-1 property firstname')
})

test('history: 50 inputs at most, newest value first', () => {
  const { post, crm, call, state } = testPortal()
  const [id] = crm.putRecords('deals', [{ dealname: 'D', amount: '1' }])
  state.nowMs += 60_000
  state.request = 3
  call('PATCH', `/crm/v3/objects/deals/${id}`, { properties: { amount: '2' } })
  const answer = post('deals/batch/read', { propertiesWithHistory: ['amount'], inputs: [{ id }] })
  expect(answer.body.results[0].propertiesWithHistory.amount).toEqual([
    { value: '2', timestamp: '2026-10-01T12:01:00.000Z', sourceType: 'INTEGRATION' },
    { value: '1', timestamp: '2026-10-01T12:00:00.000Z', sourceType: 'CRM_UI' },
  ])
  const many = Array.from({ length: 51 }, (_, n) => ({ id: String(n) }))
  expect(post('deals/batch/read', { propertiesWithHistory: ['amount'], inputs: many }).body.message).toBe(
    'The maximum number of inputs supported in a batch request for property histories is 50. Please reduce the number of items and try again',
  )
})

test('single records: create, read, change, archive, each with its own refusal', () => {
  const { call } = testPortal()
  const made = call('POST', '/crm/v3/objects/contacts', { properties: { email: 'a@x.example' } })
  const path = `/crm/v3/objects/contacts/${made.body.id}`
  expect(call('POST', '/crm/v3/objects/contacts', { properties: { email: 'a@x.example' } }).status).toBe(409)
  expect(call('PATCH', path, { properties: { nope: '1' } })).toMatchObject({
    status: 400,
    body: { errors: [{ code: 'PROPERTY_DOESNT_EXIST' }] },
  })
  expect(call('PATCH', path, { properties: { city: 'Ulm' } }).body.properties.city).toBe('Ulm')
  expect(call('GET', '/crm/v3/objects/contacts/a@x.example?idProperty=email&properties=city,state').body).toMatchObject(
    {
      id: made.body.id,
      properties: { city: 'Ulm', state: null },
    },
  )
  expect(call('DELETE', path).status).toBe(204)
  expect([call('GET', path).status, call('PATCH', path, { properties: {} }).status]).toEqual([404, 404])
  expect(call('GET', `${path}?archived=true`).body).toMatchObject({ archived: true, archivedAt: expect.any(String) })
})

test('listing pages in id order, and a record archived between two pages neither skips nor repeats another', () => {
  const { call, crm } = testPortal()
  const made = crm.putRecords(
    'companies',
    Array.from({ length: 5 }, (_, n) => ({ name: `N${n}` })),
  )
  crm.putRecords('companies', [{ id: '7', name: 'first' }])
  const first = call('GET', '/crm/v3/objects/companies?limit=3')
  expect(ids(first)).toEqual(['7', made[0], made[1]])
  expect(first.body.paging.next.after).toBe(made[2])
  call('DELETE', `/crm/v3/objects/companies/${made[2]}`)
  const second = call('GET', `/crm/v3/objects/companies?limit=3&after=${first.body.paging.next.after}`)
  expect([ids(second), second.body.paging]).toEqual([[made[3], made[4]], undefined])
  expect(ids(call('GET', '/crm/v3/objects/companies?archived=true'))).toEqual([made[2]])
  expect(call('GET', '/crm/v3/objects/companies?limit=101').status).toBe(400)
})

test('properties: list, one, create, change, archive, restore', () => {
  const { call } = testPortal()
  const base = '/crm/v3/properties/companies'
  const names = (path: string) => call('GET', path).body.results.map((one: { name: string }) => one.name)
  expect(names(base)).toEqual(expect.arrayContaining(['name', 'domain', 'hs_object_id', 'lifecyclestage']))
  expect(call('GET', `${base}/nope`)).toMatchObject({ status: 404, body: { category: 'OBJECT_NOT_FOUND' } })
  const part = { name: 'ext', label: 'Ext', type: 'string', fieldType: 'text', groupName: 'companyinformation' }
  const made = call('POST', '/crm/properties/2026-09/0-2', { ...part, hasUniqueValue: true })
  expect(made).toMatchObject({
    status: 201,
    body: { hasUniqueValue: true, calculated: false, archived: false, options: [] },
  })
  expect(call('POST', base, part)).toMatchObject({
    status: 409,
    body: { category: 'OBJECT_ALREADY_EXISTS', subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS' },
  })
  expect(call('POST', base, { name: 'x' }).body.message).toContain('[label, type, fieldType, groupName]')
  expect(call('PATCH', `${base}/ext`, { label: 'New', hasUniqueValue: false }).body).toMatchObject({
    label: 'New',
    hasUniqueValue: true,
  })
  expect(call('DELETE', `${base}/ext`).status).toBe(204)
  expect([names(base).includes('ext'), names(`${base}?archived=true`)]).toEqual([false, ['ext']])
  expect(call('POST', base, part).status).toBe(201)
  expect(call('DELETE', `${base}/name`).status).toBe(204)
  expect(call('DELETE', `${base}/hs_object_id`).status).toBe(400)
})

test('at most ten unique properties per object', () => {
  const { call } = testPortal()
  const make = (n: number) =>
    call('POST', '/crm/v3/properties/deals', {
      name: `k${n}`,
      label: 'K',
      type: 'string',
      fieldType: 'text',
      groupName: 'dealinformation',
      hasUniqueValue: true,
    }).status
  expect(Array.from({ length: 11 }, (_, n) => make(n))).toEqual([...Array(10).fill(201), 400])
})

test('account details name the same portal for the same seed, and a portal is not a production one', () => {
  const details = (seed: number) => testPortal({ seed }).call('GET', '/account-info/v3/details').body
  expect(details(1)).toMatchObject({ accountType: 'DEVELOPER_TEST', timeZone: 'UTC', portalId: expect.any(Number) })
  expect([details(1).portalId, details(1).portalId === details(2).portalId]).toEqual([details(1).portalId, false])
  expect(testPortal().call('GET', '/integrations/v1/me').body.portalId).toBe(details(1).portalId)
})

test('no token is 401; any token will do; unknown routes are 404', () => {
  const { call } = testPortal()
  for (const headers of [{}, { authorization: 'Bearer ' }, { authorization: 'Basic eA==' }] as Record<
    string,
    string
  >[]) {
    expect(call('GET', '/crm/v3/objects/contacts', undefined, headers)).toMatchObject({
      status: 401,
      body: {
        status: 'error',
        category: 'INVALID_AUTHENTICATION',
        correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    })
  }
  expect(call('GET', '/crm/v3/nothing').status).toBe(404)
  expect(call('GET', '/crm/objects/2025-03/contacts').status).toBe(404)
})
