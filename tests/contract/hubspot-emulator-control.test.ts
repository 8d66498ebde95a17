import { expect, test } from 'vitest'
import { EXTERNAL_KEY, testPortal } from './hubspot-emulator-support.ts'

test('schema goes in and out in the shape of the properties API; what is left out gets defaults, what exists is kept', () => {
  const { crm } = testPortal()
  crm.putSchema('companies', {
    properties: [EXTERNAL_KEY, { name: 'name', label: 'Company name' }, { name: 'ok', type: 'bool' }],
  })
  const { properties } = crm.schema('COMPANY') as { properties: Record<string, unknown>[] }
  const one = (name: string) => properties.find((property) => property.name === name)
  expect(one('customer_id')).toMatchObject({
    label: 'customer_id',
    type: 'string',
    fieldType: 'text',
    groupName: 'companyinformation',
    hasUniqueValue: true,
    hubspotDefined: false,
    calculated: false,
    modificationMetadata: { readOnlyValue: false },
  })
  expect(one('name')).toMatchObject({ label: 'Company name', hubspotDefined: true })
  expect(one('ok')).toMatchObject({ fieldType: 'booleancheckbox', options: [{ value: 'true' }, { value: 'false' }] })
  crm.putSchema('companies', { properties: [{ name: 'customer_id', label: 'Customer' }] })
  const again = crm.schema('companies') as { properties: Record<string, unknown>[] }
  expect(again.properties.find((property) => property.name === 'customer_id')).toMatchObject({
    label: 'Customer',
    hasUniqueValue: true,
  })
})

test('a property that gets another type gets the field type and options of that type', () => {
  const { crm, properties } = testPortal()
  properties('companies', [{ name: 'a' }, { name: 'b' }])
  properties('companies', [
    { name: 'a', type: 'bool' },
    { name: 'b', type: 'number', label: 'Bee' },
  ])
  const { properties: held } = crm.schema('companies') as { properties: Record<string, unknown>[] }
  expect(held.find((property) => property.name === 'a')).toMatchObject({
    fieldType: 'booleancheckbox',
    options: [{ value: 'true' }, { value: 'false' }],
  })
  expect(held.find((property) => property.name === 'b')).toMatchObject({
    fieldType: 'number',
    label: 'Bee',
    options: [],
  })
})

test('a new object can be made, and is addressed by name and type id', () => {
  const { crm, call, post } = testPortal()
  crm.putSchema('subscriptions', { properties: [EXTERNAL_KEY] })
  const made = post('subscriptions/batch/upsert', { inputs: [{ id: 'S1', idProperty: 'customer_id', properties: {} }] })
  expect(made.status).toBe(200)
  expect(call('GET', '/crm/v3/objects/2-1004').body.results).toHaveLength(1)
})

test('records go in nested or flat, match by id or unique property, and are edits of another user', () => {
  const { crm, state, stored } = testPortal()
  const [a = '', b = ''] = crm.putRecords('contacts', [
    { properties: { email: 'A@x.example', firstname: 'Ann' } },
    { id: 501, email: 'b@x.example', lifecyclestage: 'customer' },
  ])
  state.nowMs += 1000
  expect(crm.putRecords('contacts', [{ email: 'a@X.example', firstname: null }])).toEqual([a])
  expect(crm.putRecords('contacts', [{ id: '501', properties: { lifecyclestage: 'lead' } }])).toEqual(['501'])
  expect([b, stored('contacts', '501').lifecyclestage]).toEqual(['501', 'lead'])
  expect(crm.records('contacts')[0]).toEqual({
    id: a,
    properties: {
      email: 'a@x.example',
      firstname: '',
      createdate: '2026-10-01T12:00:00Z',
      hs_object_id: a,
      lastmodifieddate: '2026-10-01T12:00:01Z',
    },
    createdAt: '2026-10-01T12:00:00.000Z',
    updatedAt: '2026-10-01T12:00:01.000Z',
    archived: false,
  })
  expect(crm.history('contacts', a).map(({ version, request, op }) => [version, request, op])).toEqual([
    [1, 'control', 'create'],
    [2, 'control', 'update'],
  ])
})

test('history names the request that made each version', () => {
  const { crm, call, state } = testPortal()
  const [id = ''] = crm.putRecords('deals', [{ dealname: 'D' }])
  state.request = 12
  call('PATCH', `/crm/v3/objects/deals/${id}`, { properties: { amount: '5' } })
  call('DELETE', `/crm/v3/objects/deals/${id}`)
  expect(crm.history('deals', id).map(({ request, op, fields }) => [request, op, fields])).toEqual([
    ['control', 'create', { dealname: 'D' }],
    [12, 'update', { dealname: 'D', amount: '5' }],
    [12, 'delete', { dealname: 'D', amount: '5' }],
  ])
})

test('what the portal could not hold is refused with the row, and nothing is written', () => {
  const { crm } = testPortal()
  crm.putRecords('contacts', [{ id: '9', email: 'taken@x.example' }])
  const bad: [object, string][] = [
    [{ nope: '1' }, 'row 2 of contacts: Property "nope" does not exist'],
    [{ email: 'a@b' }, 'is invalid'],
    [{ id: 'x1', email: 'x@x.example' }, 'a record id is a number'],
    [{ id: '10', email: 'taken@x.example' }, 'already exists'],
  ]
  for (const [row, message] of bad) {
    expect(() => crm.putRecords('contacts', [{ email: 'ok@x.example' }, { ...row }])).toThrow(message)
  }
  expect(crm.records('contacts')).toHaveLength(1)
  for (const act of [() => crm.records('nope'), () => crm.schema('nope'), () => crm.history('contacts', '1')]) {
    expect(act).toThrow(expect.objectContaining({ status: 404 }))
  }
  expect(() => crm.putSchema('contacts', { fields: [] })).toThrow(expect.objectContaining({ status: 400 }))
})

test('snapshot and restore carry everything through JSON; reset forgets all but the portal id', () => {
  const first = testPortal({ seed: 1 })
  first.properties('companies', [EXTERNAL_KEY])
  const [id = ''] = first.crm.putRecords('companies', [{ customer_id: 'A', name: 'One' }])
  const second = testPortal({ seed: 2 })
  second.crm.restore(JSON.parse(JSON.stringify(first.crm.snapshot())))
  expect(second.crm.snapshot()).toEqual(first.crm.snapshot())
  const details = (portal: typeof first) => portal.call('GET', '/account-info/v3/details').body.portalId
  expect(details(second)).toBe(details(first))
  expect(
    second.post('companies/batch/read', { idProperty: 'customer_id', inputs: [{ id: 'A' }] }).body.results[0].id,
  ).toBe(id)
  expect(second.crm.putRecords('companies', [{ name: 'Two' }])[0]).not.toBe(id)
  second.crm.reset()
  expect([second.crm.records('companies'), details(second)]).toEqual([[], details(first)])
  expect(second.post('companies/batch/read', { idProperty: 'customer_id', inputs: [{ id: 'A' }] }).status).toBe(400)
})

test('rate-limit headers count on the virtual clock; search has the daily pair only', () => {
  const { call, post, state } = testPortal({ policies: { limits: { burst: 2, daily: 5, search_per_second: 1 } } })
  const list = () => call('GET', '/crm/v3/objects/contacts')
  expect(list().headers).toEqual({
    'X-HubSpot-RateLimit-Max': '2',
    'X-HubSpot-RateLimit-Remaining': '1',
    'X-HubSpot-RateLimit-Interval-Milliseconds': '10000',
    'X-HubSpot-RateLimit-Daily': '5',
    'X-HubSpot-RateLimit-Daily-Remaining': '4',
  })
  expect(Object.keys(post('contacts/search', {}).headers)).toEqual([
    'X-HubSpot-RateLimit-Daily',
    'X-HubSpot-RateLimit-Daily-Remaining',
  ])
  expect(post('contacts/search', {})).toMatchObject({
    status: 429,
    body: { message: 'You have reached your secondly limit.', category: 'RATE_LIMITS' },
  })
  list()
  expect(list()).toMatchObject({ status: 429, body: { errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' } })
  state.nowMs += 10_000
  expect(list()).toMatchObject({ status: 429, body: { policyName: 'DAILY' } })
  state.nowMs += 86_400_000
  expect(list().status).toBe(200)
})
