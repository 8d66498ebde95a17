import { expect, test } from 'vitest'
import { ControlError } from '../../emulator/core/crm.ts'
import type { PortalPolicies } from '../../emulator/hubspot/policies/portal-policies.ts'
import { EXTERNAL_KEY, testPortal, traced } from './hubspot-emulator-support.ts'

function policied(policies?: unknown) {
  const portal = testPortal(policies === undefined ? {} : { policies })
  const { policies: book } = portal.crm
  if (book === undefined) throw new Error('no policies')
  return {
    ...portal,
    book,
    held: () => book.get() as PortalPolicies,
    act: (name: string, input?: unknown) => portal.crm.act?.(name, input),
  }
}

test('put merges by key, null takes a key back, reset and clear take all back', () => {
  const { book, held, crm } = policied({ limits: { burst: 5 } })
  book.put({ limits: { daily: 7 }, objects: { COMPANY: { required_on_create: ['city'] } } })
  expect(held().limits).toMatchObject({ burst: 5, daily: 7, interval_ms: 10_000 })
  expect(held().objects).toEqual({ companies: { required_on_create: ['city'] } })
  book.put({ limits: { burst: null }, objects: { companies: null } })
  expect([held().limits.burst, held().limits.daily, held().objects]).toEqual([1_000_000, 7, {}])
  book.clear()
  expect(held().limits.daily).toBe(1_000_000_000)
  book.put({ account: { portal_id: 1 } })
  crm.reset()
  expect(held().account).not.toHaveProperty('portal_id')
})

test.each([
  ['an unknown section', { limit: {} }],
  ['an unknown key', { limits: { brust: 1 } }],
  ['a negative limit', { limits: { burst: -1 } }],
  ['a zone that is none', { account: { time_zone: 'Mars/Olympus' } }],
  ['a status that is none', { writes: { status: 'DONE' } }],
  ['a rule that is none', { objects: { companies: { validations: [{ property: 'name', rule: 'PRETTY' }] } } }],
  ['a property that is none', { objects: { companies: { required_on_create: ['nope'] } } }],
  ['pipelines of an object without', { pipelines: { contacts: [] } }],
  ['owners that are no list', { owners: { id: '1' } }],
])('%s is refused and changes nothing', (_, input) => {
  const { book, held } = policied({ limits: { burst: 5 } })
  const before = structuredClone(held())
  expect(() => book.put({ search: { index_lag_ms: 1 }, ...input })).toThrow(ControlError)
  expect(held()).toEqual(before)
})

test('acts: what is unknown is a 404, what cannot be a 400', () => {
  const { act, crm } = policied()
  const [id = ''] = crm.putRecords('companies', [{ name: 'A' }])
  const status = (name: string, input: unknown) => {
    try {
      act(name, input)
      return 200
    } catch (error) {
      return error instanceof ControlError ? error.status : error
    }
  }
  expect(status('dance', {})).toBe(404)
  expect(status('merge', { object: 'butterflies', primary: id, merged: id })).toBe(404)
  expect(status('merge', { object: 'companies', primary: id, merged: id })).toBe(400)
  expect(status('merge', { object: 'companies', primary: id, merged: '9' })).toBe(400)
  expect(status('merge', { object: 'companies', primary: id, merged: '9', why: '' })).toBe(400)
  expect(status('expire-tokens', { token: 7 })).toBe(400)
})

test('a snapshot keeps policies, tokens, associations, merged ids and secondary e-mails', () => {
  const first = policied({ limits: { burst: 50, used_today: 3 }, account: { portal_id: 77 } })
  first.properties('contacts', [EXTERNAL_KEY])
  const [a = '', b = ''] = first.crm.putRecords('contacts', [{ email: 'a@x.example' }, { email: 'b@x.example' }])
  const [company = ''] = first.crm.putRecords('companies', [{ name: 'A' }])
  first.act('merge', { object: 'contacts', primary: a, merged: b, new_id: false })
  const pair = { inputs: [{ from: { id: a }, to: { id: company } }] }
  first.call('POST', '/crm/v4/associations/contacts/companies/batch/associate/default', pair)
  first.act('expire-tokens', { token: 'old' })

  const second = testPortal({ seed: 9 })
  second.crm.restore(JSON.parse(JSON.stringify(first.crm.snapshot())))
  expect(second.call('GET', '/account-info/v3/details').body.portalId).toBe(77)
  expect(second.call('GET', `/crm/v3/objects/contacts/${b}`).body.id).toBe(a)
  expect(
    second.post('contacts/batch/create', traced([{ properties: { email: 'b@x.example' } }])).body.errors,
  ).toMatchObject([{ category: 'CONFLICT', context: { existingId: [a] } }])
  const read = second.call('GET', `/crm/v4/objects/contacts/${b}/associations/companies`)
  expect(read.body.results).toMatchObject([{ toObjectId: company }])
  const old = second.call('GET', '/crm/v3/objects/contacts', undefined, { authorization: 'Bearer old' })
  expect(old.status).toBe(401)
  expect(second.call('GET', '/crm/v3/objects/contacts').headers['X-HubSpot-RateLimit-Max']).toBe('50')
})

test('a snapshot of before there were policies is read', () => {
  const first = policied()
  first.crm.putRecords('companies', [{ name: 'A' }])
  const {
    policies: _,
    tokens: __,
    merged: ___,
    associations: ____,
    ...old
  } = first.crm.snapshot() as Record<string, unknown>
  const second = testPortal()
  second.crm.restore(old)
  expect(second.crm.records('companies')).toHaveLength(1)
})
