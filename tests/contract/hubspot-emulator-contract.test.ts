import { expect, test } from 'vitest'
import { checkAnswer, isAllowed } from '../hubspot-contract/check-schema.ts'
import { contractFolder, readContract } from '../hubspot-contract/contract-folder.ts'
import { EXTERNAL_KEY, testPortal, traced } from './hubspot-emulator-support.ts'

const present = contractFolder() !== undefined
if (!present) console.log('HubSpot contract check not run: no folder with the contract')

type Step = [method: string, path: string, status: number, body?: unknown]

/** One portal, every operation, each with an answer of every status it has. `{id}` is a contact's id. */
function steps(): Step[] {
  const contact = (email: string) => ({ properties: { email } })
  const upsert = (email: string) => ({ id: email, idProperty: 'email', ...contact(email) })
  const property = { name: 'p1', label: 'P', type: 'string', fieldType: 'text', groupName: 'g' }
  const objects: Step[] = ['contacts', 'companies', '0-3'].flatMap((type): Step[] => [
    ['GET', `/crm/v3/objects/${type}?limit=1&properties=email,hubspot_owner_id`, 200],
    ['POST', `/crm/v3/objects/${type}/search`, 200, { limit: 1, properties: ['email', 'hubspot_owner_id'] }],
    ['POST', `/crm/v3/objects/${type}/search`, 400, { limit: 201 }],
    ['POST', `/crm/v3/objects/${type}/batch/read`, 207, { inputs: [{ id: '1' }] }],
    ['POST', `/crm/v3/objects/${type}/batch/update`, 207, { inputs: [{ id: '1', properties: {} }] }],
    ['POST', `/crm/v3/objects/${type}/batch/archive`, 204, { inputs: [{ id: '1' }] }],
    ['GET', `/crm/v3/objects/${type}/1`, 404],
    ['DELETE', `/crm/v3/objects/${type}/1`, 204],
  ])
  return [
    [
      'POST',
      '/crm/v3/objects/contacts/batch/create',
      201,
      { inputs: [contact('a@x.example'), contact('b@x.example')] },
    ],
    ['POST', '/crm/v3/objects/contacts/batch/create', 207, traced([contact('a@x.example'), contact('c@x.example')])],
    ['POST', '/crm/v3/objects/contacts/batch/create', 409, { inputs: [contact('a@x.example')] }],
    ['POST', '/crm/v3/objects/contacts/batch/create', 400, { inputs: [contact('a@b')] }],
    ['POST', '/crm/v3/objects/contacts/batch/upsert', 200, { inputs: [upsert('a@x.example'), upsert('d@x.example')] }],
    ['POST', '/crm/v3/objects/contacts/batch/upsert', 207, traced([upsert('a@x.example'), upsert('a@b')])],
    ['POST', '/crm/v3/objects/contacts/batch/upsert', 400, { inputs: [upsert('a@x.example'), upsert('a@x.example')] }],
    ['POST', '/crm/v3/objects/contacts/batch/update', 200, { inputs: [{ id: '{id}', properties: { city: '' } }] }],
    [
      'POST',
      '/crm/v3/objects/contacts/batch/read',
      200,
      { inputs: [{ id: '{id}' }], propertiesWithHistory: ['email'] },
    ],
    ['GET', '/crm/v3/objects/contacts/{id}', 200],
    ['PATCH', '/crm/v3/objects/contacts/{id}', 200, { properties: { city: 'Ulm' } }],
    ['PATCH', '/crm/v3/objects/contacts/{id}', 400, { properties: { nope: 'Ulm' } }],
    ['POST', '/crm/v3/objects/contacts', 201, contact('e@x.example')],
    ['POST', '/crm/v3/objects/contacts', 409, contact('e@x.example')],
    ['GET', '/crm/v3/objects/butterflies', 400],
    ['GET', '/crm/v3/objects/contacts?limit=2', 200],
    ...objects,
    ['GET', '/crm/v3/properties/contacts', 200],
    ['POST', '/crm/v3/properties/contacts', 201, property],
    ['POST', '/crm/v3/properties/contacts', 409, property],
    ['GET', '/crm/v3/properties/contacts/p1', 200],
    ['GET', '/crm/v3/properties/contacts/nope', 404],
    ['PATCH', '/crm/v3/properties/contacts/p1', 200, { label: 'Q' }],
    ['POST', '/crm/v3/properties/contacts/batch/read', 200, { inputs: [{ name: 'p1' }] }],
    ['POST', '/crm/v3/properties/contacts/batch/create', 201, { inputs: [{ ...property, name: 'p2' }] }],
    ['DELETE', '/crm/v3/properties/contacts/p1', 204],
  ]
}

test.runIf(present)('every answer has the shape of the published contract, but for the known deviations', () => {
  const { api, deviations } = readContract()
  const portal = testPortal()
  portal.properties('companies', [EXTERNAL_KEY])
  const [id = ''] = portal.crm.putRecords('contacts', [{ email: 'z@x.example' }])
  portal.crm.putRecords('companies', [{ name: 'A' }, { name: 'B' }])
  portal.crm.putRecords('deals', [{ dealname: 'A' }, { dealname: 'B' }])
  const used = new Set<string>()
  for (const [method, path, status, body] of steps()) {
    const target = path.replace('{id}', id)
    const answer = portal.call(method, target, body && JSON.parse(JSON.stringify(body).replace('{id}', id)))
    expect([method, path, answer.status]).toEqual([method, path, status])
    const found = checkAnswer(api, { method, path: target.split('?')[0] ?? '', status, body: answer.body })
    expect(found, `${method} ${path} is not in the contract`).toBeDefined()
    const allowed = (found ?? []).map((violation) => ({ violation, rule: isAllowed(deviations, violation) }))
    expect({ method, path, violations: allowed.filter(({ rule }) => rule === undefined) }).toMatchObject({
      violations: [],
    })
    for (const { rule } of allowed) if (rule !== undefined) used.add(rule)
  }
  expect([...used].sort()).toEqual(['dev-01', 'dev-02'])
})

test.runIf(present)('the checker sees what it is for', () => {
  const { api } = readContract()
  const at = '2026-01-01T00:00:00Z'
  const result = { id: '1', properties: { a: 'b' }, createdAt: at, updatedAt: at, new: true }
  const found = (results: object[], more: object = {}) => {
    const body = { status: 'COMPLETE', startedAt: at, completedAt: at, results, ...more }
    const path = '/crm/v3/objects/contacts/batch/upsert'
    return checkAnswer(api, { method: 'POST', path, status: 200, body })?.map(({ code, what }) => `${code} ${what}`)
  }
  expect(found([result])).toEqual([])
  expect(found([{ ...result, id: 1 }])).toEqual(['type number'])
  expect(found([{ ...result, new: undefined }])).toEqual(['required new'])
  expect(found([result], { status: 'DONE' })).toEqual(['enum DONE'])
  expect(found([{ ...result, createdAt: 'today' }])).toEqual(['format today'])
  expect(checkAnswer(api, { method: 'GET', path: '/crm/v3/nothing', status: 200, body: {} })).toBeUndefined()
})
