import { expect, test } from 'vitest'
import { EXTERNAL_KEY, testPortal, traced } from './hubspot-emulator-support.ts'

const email = (address: string) => ({ properties: { email: address } })

test('a created contact answers 201 with string values, system properties and a string id', () => {
  const { post } = testPortal()
  const answer = post('contacts/batch/create', {
    inputs: [{ properties: { email: 'Ann@Acme.Example', firstname: 7 } }],
  })
  expect([answer.status, answer.body.status, answer.body.errors]).toEqual([201, 'COMPLETE', undefined])
  const [contact] = answer.body.results
  expect(contact).toMatchObject({ id: '10000000001', archived: false, createdAt: '2026-10-01T12:00:00.000Z' })
  expect(contact.properties).toEqual({
    createdate: '2026-10-01T12:00:00Z',
    email: 'ann@acme.example',
    firstname: '7',
    hs_object_id: '10000000001',
    lastmodifieddate: '2026-10-01T12:00:00Z',
  })
})

test('contacts, contact, CONTACT and 0-1 are the same records, on v3 and dated paths', () => {
  const { call } = testPortal()
  for (const [position, type] of ['contacts', 'contact', 'CONTACT', '0-1'].entries()) {
    for (const root of ['/crm/v3/objects', '/crm/objects/2026-03', '/crm/objects/2026-09']) {
      expect(call('POST', `${root}/${type}`, email(`a${position}${root.length}${root.at(-1)}@x.example`)).status).toBe(
        201,
      )
    }
  }
  expect(call('GET', '/crm/v3/objects/0-1?limit=100').body.results).toHaveLength(12)
  expect(call('POST', '/crm/v3/objects/butterflies/search', {})).toMatchObject({
    status: 400,
    body: { message: 'Unable to infer object type from: butterflies', correlationId: expect.any(String) },
  })
  expect(call('POST', '/crm/v3/objects/butterflies/search', {}).body.category).toBeUndefined()
})

test('without trace ids one bad row refuses the batch and nothing is written', () => {
  const { post, crm } = testPortal()
  const answer = post('contacts/batch/create', {
    inputs: [email('a@x.example'), { properties: { email: 'b@x.example', nope: '1' } }],
  })
  expect(answer).toMatchObject({ status: 400, body: { category: 'VALIDATION_ERROR' } })
  expect(answer.body.errors).toEqual([
    {
      message: 'Property "nope" does not exist',
      code: 'PROPERTY_DOESNT_EXIST',
      context: { propertyName: ['nope'] },
    },
  ])
  expect(answer.body.message).toMatch(/^Property values were not valid: \[\{"isValid":false/)
  expect(crm.records('contacts')).toEqual([])
})

test('with a trace id on every input the good rows are written and the bad ones named by trace id', () => {
  const { post, crm } = testPortal()
  const rows = [email('a@x.example'), { properties: { email: 'b@x.example', nope: '1' } }]
  const answer = post('contacts/batch/create', traced(rows))
  expect(answer).toMatchObject({ status: 207, body: { numErrors: 1, results: [{ objectWriteTraceId: 't0' }] } })
  const [error] = answer.body.errors
  expect(error).toMatchObject({
    status: 'error',
    category: 'VALIDATION_ERROR',
    context: { objectWriteTraceId: ['t1'] },
  })
  expect(Object.keys(error)).not.toContain('errors')
  expect(JSON.parse(error.message.replace('Property values were not valid: ', ''))[0].error).toBe(
    'PROPERTY_DOESNT_EXIST',
  )
  expect(crm.records('contacts')).toHaveLength(1)
  expect(post('contacts/batch/create', { inputs: [{ ...rows[1], objectWriteTraceId: 'x' }, rows[0]] }).status).toBe(400)
})

test('an e-mail that is taken is a conflict: 409 for the batch, or a 207 item that names the existing record', () => {
  const { post, crm } = testPortal()
  const [id] = crm.putRecords('contacts', [{ email: 'a@x.example' }])
  const rows = [email('A@X.example'), email('b@x.example')]
  expect(post('contacts/batch/create', { inputs: rows })).toMatchObject({
    status: 409,
    body: { category: 'CONFLICT', message: `Contact already exists. Existing ID: ${id}` },
  })
  expect(crm.records('contacts')).toHaveLength(1)
  const answer = post('contacts/batch/create', traced(rows))
  expect(answer.status).toBe(207)
  expect(answer.body.errors[0]).toMatchObject({
    category: 'CONFLICT',
    context: { objectWriteTraceId: ['t0'], existingId: [id] },
  })
  expect(answer.body.results).toHaveLength(1)
})

test('one e-mail twice in a create: the second row is the conflict', () => {
  const { post } = testPortal()
  const answer = post('contacts/batch/create', traced([email('a@x.example'), email('A@x.example')]))
  expect(answer.body.errors[0].context).toEqual({
    objectWriteTraceId: ['t1'],
    existingId: [answer.body.results[0].id],
  })
})

test('companies are not deduplicated by domain', () => {
  const { post, crm } = testPortal()
  for (const name of ['One', 'Two']) {
    expect(post('companies/batch/create', { inputs: [{ properties: { domain: 'acme.example', name } }] }).status).toBe(
      201,
    )
  }
  expect(crm.records('companies')).toHaveLength(2)
})

test('more than 100 inputs are refused whole, whatever the endpoint', () => {
  const { post, crm } = testPortal()
  const inputs = Array.from({ length: 101 }, (_, n) => ({
    id: String(n),
    idProperty: 'email',
    ...email(`${n}@x.example`),
  }))
  for (const what of ['create', 'update', 'upsert', 'read', 'archive']) {
    expect(post(`contacts/batch/${what}`, { inputs })).toMatchObject({
      status: 400,
      body: { category: 'VALIDATION_ERROR' },
    })
  }
  expect(crm.records('contacts')).toEqual([])
})

test('required properties: one of e-mail and names for a contact, name and stage for a deal', () => {
  const { post } = testPortal()
  const code = (object: string, properties: object) =>
    post(`${object}/batch/create`, { inputs: [{ properties }] }).body.errors?.map(
      (error: { code: string }) => error.code,
    )
  expect(code('contacts', { phone: '1' })).toEqual(['MISSING_REQUIRED_PROPERTY'])
  expect(code('deals', { amount: '1' })).toEqual(['MISSING_REQUIRED_PROPERTY', 'MISSING_REQUIRED_PROPERTY'])
  expect(code('contacts', { lastname: 'Lee' })).toBeUndefined()
  expect(code('deals', { dealname: 'D', dealstage: 'closedwon' })).toBeUndefined()
})

test('update answers what changed, and one 207 item for the ids that are not there', () => {
  const { post, crm, stored } = testPortal()
  const [a = '', b = ''] = crm.putRecords('companies', [{ name: 'A', city: 'Ulm' }, { name: 'B' }])
  const update = (id: string) => ({ id, properties: { city: 'Bonn' } })
  const answer = post('companies/batch/update', { inputs: [a, '77', b, '78'].map(update) })
  expect(answer.status).toBe(207)
  expect(answer.body.results.map((one: { id: string }) => one.id).sort()).toEqual([a, b])
  expect(answer.body.results[0].properties).toMatchObject({ city: 'Bonn' })
  expect(answer.body.results[0].properties.name).toBeUndefined()
  expect(answer.body.errors).toEqual([
    {
      status: 'error',
      category: 'OBJECT_NOT_FOUND',
      message: 'Could not get some COMPANY objects, they may be deleted or not exist. Check that ids are valid.',
      context: { ids: ['77', '78'] },
    },
  ])
  expect(stored('companies', a)).toMatchObject({ name: 'A', city: 'Bonn' })
})

test('update of an archived record is not found; update by e-mail without idProperty is answered by silence', () => {
  const { post, call, crm } = testPortal()
  const [id] = crm.putRecords('contacts', [{ email: 'a@x.example' }])
  const silent = post('contacts/batch/update', { inputs: [{ id: 'a@x.example', properties: { firstname: 'Z' } }] })
  expect([silent.status, silent.body.results, silent.body.errors]).toEqual([200, [], undefined])
  expect(call('DELETE', `/crm/v3/objects/contacts/${id}`).status).toBe(204)
  expect(post('contacts/batch/update', { inputs: [{ id, properties: { firstname: 'Z' } }] }).status).toBe(207)
})

test('a record twice in one batch refuses it, with and without trace ids', () => {
  const { post } = testPortal()
  const inputs = [
    { id: 'A@x.example', idProperty: 'email', ...email('a@x.example') },
    { id: 'a@x.example', idProperty: 'email', ...email('a@x.example') },
  ]
  for (const body of [{ inputs }, traced(inputs)]) {
    expect(post('contacts/batch/upsert', body)).toMatchObject({
      status: 400,
      body: {
        message: 'Duplicate IDs found in batch input: [a@x.example]. IDs must be unique',
        context: { ids: ['a@x.example'] },
      },
    })
  }
})

test('upsert creates, then updates the same record, and says which', () => {
  const { post, properties, stored } = testPortal()
  properties('companies', [EXTERNAL_KEY])
  const body = (name: string) =>
    traced([{ id: 'C-1', idProperty: 'customer_id', properties: { customer_id: 'C-1', name } }])
  const first = post('companies/batch/upsert', body('One'))
  expect([first.status, first.body.errors]).toEqual([200, undefined])
  expect(first.body.results[0]).toMatchObject({ new: true, objectWriteTraceId: 't0', properties: { name: 'One' } })
  const second = post('companies/batch/upsert', body('Two'))
  expect(second.body.results[0]).toMatchObject({ new: false, id: first.body.results[0].id })
  expect(stored('companies', first.body.results[0].id)).toMatchObject({ customer_id: 'C-1', name: 'Two' })
})

test('upsert sets the key of a new record although the properties leave it out', () => {
  const { post, stored } = testPortal()
  const inputs = [{ id: 'Ann@x.example', idProperty: 'email', properties: { firstname: 'Ann' } }]
  const { body } = post('contacts/batch/upsert', { inputs })
  expect(stored('contacts', body.results[0].id)).toMatchObject({ email: 'ann@x.example', firstname: 'Ann' })
})

test('upsert results come in another order than the inputs, the same one for the same seed', () => {
  const order = (seed: number) => {
    const { post } = testPortal({ seed })
    const inputs = Array.from({ length: 20 }, (_, n) => ({
      id: `${n}@x.example`,
      idProperty: 'email',
      ...email(`${n}@x.example`),
    }))
    const { results } = post('contacts/batch/upsert', traced(inputs)).body
    return results.map((result: { objectWriteTraceId: string }) => result.objectWriteTraceId)
  }
  expect(order(3)).toEqual(order(3))
  expect(order(3)).not.toEqual(order(4))
  expect([...order(3)].sort()).toEqual(Array.from({ length: 20 }, (_, n) => `t${n}`).sort())
  expect(order(3)[0] === 't0' && order(3)[1] === 't1').toBe(false)
})

test('keys are strings: 00123 and 123, c-1 and C-1 are different records', () => {
  const { post, properties, crm } = testPortal()
  properties('companies', [EXTERNAL_KEY])
  const inputs = ['00123', '123', 'c-1', 'C-1'].map((id) => ({ id, idProperty: 'customer_id', properties: {} }))
  expect(post('companies/batch/upsert', { inputs }).body.results).toHaveLength(4)
  expect(post('companies/batch/upsert', { inputs }).body.results.map((r: { new: boolean }) => r.new)).not.toContain(
    true,
  )
  expect(crm.records('companies')).toHaveLength(4)
})

test('a property that is not unique is no key', () => {
  const { post, crm } = testPortal()
  const upsert = (object: string, idProperty: string) =>
    post(`${object}/batch/upsert`, traced([{ id: 'x', idProperty, properties: {} }]))
  expect(upsert('companies', 'domain')).toMatchObject({
    status: 400,
    body: { message: 'Unable to perform update/upsert by non-unique 0-2 property domain' },
  })
  expect(upsert('deals', 'dealname').body.message).toContain('non-unique 0-3 property dealname')
  expect(upsert('companies', 'hs_object_id').body.message).toMatch(
    /non-unique 0-2 property hs_object_id in portal ID \d+$/,
  )
  const [id] = crm.putRecords('contacts', [{ email: 'a@x.example' }])
  const byEmail = { inputs: [{ id: 'a@x.example', idProperty: 'email', properties: {} }] }
  expect(post('contacts/batch/update', byEmail).body.message).toContain('non-unique 0-1 property email')
  expect(post('contacts/batch/read', { idProperty: 'email', ...byEmail }).body.results[0].id).toBe(id)
  expect(post('contacts/batch/upsert', { inputs: [{ id: 'a@x.example', properties: {} }] }).status).toBe(400)
})

test('a unique value that another record holds is a row failure', () => {
  const { post, properties, crm } = testPortal()
  properties('companies', [EXTERNAL_KEY])
  const [a, b] = crm.putRecords('companies', [{ customer_id: 'A' }, { customer_id: 'B' }])
  const inputs = [
    { id: a, properties: { customer_id: 'B' } },
    { id: b, properties: { name: 'Bee' } },
  ]
  const whole = post('companies/batch/update', { inputs })
  expect([whole.status, whole.body.errors[0].code]).toEqual([400, 'CONFLICTING_UNIQUE_VALUE'])
  const partial = post('companies/batch/update', traced(inputs))
  expect(partial.status).toBe(207)
  expect(partial.body.errors[0].message).toContain('CONFLICTING_UNIQUE_VALUE')
  expect(partial.body.results.map((one: { id: string }) => one.id)).toEqual([b])
})

test('bodies that are not what the endpoint takes are refused', () => {
  const { post, call } = testPortal()
  for (const body of [{}, [], 'x', { inputs: {} }, { inputs: ['1'] }, { inputs: [{ properties: {} }] }]) {
    expect(post('contacts/batch/update', body)).toMatchObject({ status: 400, body: { category: 'VALIDATION_ERROR' } })
  }
  expect(post('contacts/batch/create', { inputs: [{ properties: { firstname: ['a'] } }] }).status).toBe(400)
  expect(call('POST', '/crm/v3/objects/contacts/batch/nothing', {}).status).toBe(404)
  expect(call('PUT', '/crm/v3/objects/contacts', {}).status).toBe(404)
  expect(call('GET', '/crm/v3/objects/contacts/%E0%A4%A').status).toBe(404)
})

test('archive answers 204 whether or not the ids exist', () => {
  const { post, call, crm } = testPortal()
  const [id] = crm.putRecords('deals', [{ dealname: 'D' }])
  expect(post('deals/batch/archive', { inputs: [{ id }, { id: '5' }] })).toMatchObject({ status: 204, body: undefined })
  expect(call('GET', `/crm/v3/objects/deals/${id}`).status).toBe(404)
  expect(call('GET', `/crm/v3/objects/deals/${id}?archived=true`).body).toMatchObject({ id, archived: true })
})
