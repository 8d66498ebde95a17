import { expect, test } from 'vitest'
import { EXTERNAL_KEY, testPortal } from './hubspot-emulator-support.ts'

function searched() {
  const portal = testPortal()
  portal.properties('companies', [EXTERNAL_KEY, { name: 'founded_on', type: 'date' }])
  portal.crm.putRecords('companies', [
    { name: 'Acme Tools', domain: 'acme.example', annualrevenue: '9', customer_id: 'K1', founded_on: '2001-05-01' },
    { name: 'Acme Foods', domain: 'Acme.Example', annualrevenue: '10', founded_on: '2011-05-01' },
    { name: 'Zebra', domain: 'zebra.example', annualrevenue: '100', city: '' },
    { name: 'Nobody' },
  ])
  const search = (body: object) => portal.post('companies/search', body)
  const names = (...filters: object[]) => {
    const { results } = search({ filterGroups: [{ filters }], properties: ['name'] }).body
    return results.map((one: { properties: { name: string } }) => one.properties.name)
  }
  const where = (propertyName: string, operator: string, value?: unknown) => {
    const operand = Array.isArray(value) ? { values: value } : { value }
    return names({ propertyName, operator, ...operand })
  }
  return { ...portal, search, names, where }
}

test('operators', () => {
  const { where, names } = searched()
  expect(where('domain', 'EQ', 'ACME.example')).toEqual(['Acme Tools', 'Acme Foods'])
  expect(where('domain', 'IN', ['acme.example', 'zebra.example'])).toEqual(['Acme Tools', 'Acme Foods', 'Zebra'])
  expect(where('customer_id', 'EQ', 'k1')).toEqual(['Acme Tools'])
  expect(where('domain', 'NEQ', 'acme.example')).toEqual(['Zebra'])
  expect(where('domain', 'NOT_IN', ['acme.example'])).toEqual(['Zebra'])
  expect(where('annualrevenue', 'GT', '9')).toEqual(['Acme Foods', 'Zebra'])
  expect(where('annualrevenue', 'GTE', '9.0')).toEqual(['Acme Tools', 'Acme Foods', 'Zebra'])
  expect(where('annualrevenue', 'LT', '10')).toEqual(['Acme Tools'])
  expect(where('annualrevenue', 'LTE', '10')).toEqual(['Acme Tools', 'Acme Foods'])
  expect(where('founded_on', 'GT', String(Date.UTC(2005, 0, 1)))).toEqual(['Acme Foods'])
  expect(where('city', 'HAS_PROPERTY')).toEqual([])
  expect(where('domain', 'NOT_HAS_PROPERTY')).toEqual(['Nobody'])
  expect(where('name', 'CONTAINS_TOKEN', 'acme')).toEqual(['Acme Tools', 'Acme Foods'])
  expect(where('name', 'CONTAINS_TOKEN', 'acm')).toEqual([])
  expect(where('domain', 'CONTAINS_TOKEN', '*.example')).toEqual(['Acme Tools', 'Acme Foods', 'Zebra'])
  expect(names({ propertyName: 'annualrevenue', operator: 'BETWEEN', value: '9', highValue: '10' })).toEqual([
    'Acme Tools',
    'Acme Foods',
  ])
})

test('IN on text wants lower case: a capital letter in the list finds nothing', () => {
  const { where } = searched()
  expect(where('domain', 'IN', ['Acme.Example'])).toEqual([])
})

test('filters of a group are joined by and, groups by or', () => {
  const { search, names } = searched()
  const acme = { propertyName: 'domain', operator: 'EQ', value: 'acme.example' }
  const rich = { propertyName: 'annualrevenue', operator: 'GT', value: '9' }
  expect(names(acme, rich)).toEqual(['Acme Foods'])
  expect(search({ filterGroups: [{ filters: [acme] }, { filters: [rich] }] }).body.total).toBe(3)
  expect(
    search({ filterGroups: [{ filters: [acme] }, { filters: [{ ...acme, value: 'zebra.example' }] }] }).body.total,
  ).toBe(3)
  expect(search({}).body.total).toBe(4)
  expect(search({ query: 'zeb' }).body.total).toBe(1)
})

test('pages and sorts', () => {
  const { search } = searched()
  const sorts = [{ propertyName: 'annualrevenue', direction: 'DESCENDING' }]
  const first = search({ limit: 3, sorts, properties: ['annualrevenue'] }).body
  expect(first.results.map((one: { properties: { annualrevenue: string } }) => one.properties.annualrevenue)).toEqual([
    '100',
    '10',
    '9',
  ])
  expect([first.total, first.paging]).toEqual([4, { next: { after: '3' } }])
  const last = search({ limit: 3, sorts, after: first.paging.next.after, properties: ['annualrevenue'] }).body
  expect([last.results[0].properties.annualrevenue, last.paging]).toEqual([null, undefined])
})

test('limits: 200 per page, 10,000 results, 5 groups, 6 filters, 18 in all, 3,000 characters', () => {
  const { search } = searched()
  const filters = (count: number) => Array(count).fill({ propertyName: 'name', operator: 'HAS_PROPERTY' })
  const groups = (...counts: number[]) => ({ filterGroups: counts.map((count) => ({ filters: filters(count) })) })
  const status = (body: object) => search(body).status
  expect([status({ limit: 200 }), status({ limit: 201 })]).toEqual([200, 400])
  expect([status({ limit: 100, after: '9900' }), status({ limit: 100, after: '9901' })]).toEqual([200, 400])
  expect([status(groups(1, 1, 1, 1, 1)), status(groups(1, 1, 1, 1, 1, 1))]).toEqual([200, 400])
  expect([status(groups(6)), status(groups(7)), status(groups(6, 6, 6)), status(groups(5, 5, 5, 4))]).toEqual([
    200, 400, 200, 400,
  ])
  const body = { query: '' }
  const room = 3000 - JSON.stringify(body).length
  expect([status({ query: 'x'.repeat(room) }), status({ query: 'x'.repeat(room + 1) })]).toEqual([200, 400])
})

test('what cannot be searched is refused', () => {
  const { search } = searched()
  for (const filter of [
    { propertyName: 'nope', operator: 'EQ', value: '1' },
    { propertyName: 'name', operator: 'LIKE', value: '1' },
    { propertyName: 'name', operator: 'EQ' },
    { propertyName: 'name', operator: 'IN', value: 'x' },
    { operator: 'EQ', value: '1' },
  ]) {
    expect(search({ filterGroups: [{ filters: [filter] }] })).toMatchObject({ status: 400 })
  }
})

test('archived records are not found', () => {
  const { search, call, crm } = searched()
  const [first] = crm.records('companies')
  call('DELETE', `/crm/v3/objects/companies/${first?.id}`)
  expect(search({}).body.total).toBe(3)
})
