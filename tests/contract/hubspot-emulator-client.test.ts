import { Client } from '@hubspot/api-client'
import { AssociationSpecAssociationCategoryEnum } from '@hubspot/api-client/lib/codegen/crm/associations/v4/index.js'
import { FilterOperatorEnum } from '@hubspot/api-client/lib/codegen/crm/companies/index.js'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ControlClient } from '../../emulator/core/control-client.ts'
import { controlClient } from '../../emulator/core/control-client.ts'
import type { Emulator } from '../../emulator/start.ts'
import { startEmulator } from '../../emulator/start.ts'
import { EXTERNAL_KEY } from './hubspot-emulator-support.ts'

// The typed methods of HubSpot's own client, unmodified, over a real socket.
let emulator: Emulator
let control: ControlClient
let client: Client

beforeAll(async () => {
  emulator = await startEmulator()
  control = controlClient(emulator.controlUrl)
  client = new Client({ accessToken: 'any', basePath: emulator.url, numberOfApiCallRetries: 0 })
})
afterAll(() => emulator.close())
beforeEach(async () => {
  await control.reset()
  await control.putSchema('hubspot', 'companies', { properties: [EXTERNAL_KEY] })
})

test('contacts: create, read, update, upsert and archive in batches', async () => {
  const { batchApi } = client.crm.contacts
  const emails = ['a@x.example', 'b@x.example']
  const made = await batchApi.create({ inputs: emails.map((email) => ({ properties: { email }, associations: [] })) })
  expect(made.results.map((one) => one.properties.email)).toEqual(emails)
  expect(made.results[0]?.createdAt).toBeInstanceOf(Date)
  const inputs = made.results.map(({ id }) => ({ id }))
  const read = await batchApi.read({ inputs, properties: ['email', 'city'], propertiesWithHistory: [] })
  expect(read.results.map((one) => one.properties.city)).toEqual([null, null])
  const city = (name: string) => inputs.map(({ id }) => ({ id, properties: { city: name } }))
  expect((await batchApi.update({ inputs: city('Ulm') })).results.map((one) => one.properties.city)).toEqual([
    'Ulm',
    'Ulm',
  ])
  const upserted = await batchApi.upsert({
    inputs: ['a@x.example', 'c@x.example'].map((email) => ({
      id: email,
      idProperty: 'email',
      objectWriteTraceId: `trace ${email}`,
      properties: { email, city: 'Bonn' },
    })),
  })
  expect(Object.fromEntries(upserted.results.map((one) => [one.objectWriteTraceId, one._new]))).toEqual({
    'trace a@x.example': false,
    'trace c@x.example': true,
  })
  await batchApi.archive({ inputs })
  expect((await client.crm.contacts.getAll()).map((one) => one.properties.email)).toEqual(['c@x.example'])
})

test('contacts: a partial batch resolves with its errors, a refused one throws with code and category', async () => {
  const { batchApi } = client.crm.contacts
  const row = (email: string, trace: string) => ({
    id: email,
    idProperty: 'email',
    objectWriteTraceId: trace,
    properties: { email },
  })
  const partial = await batchApi.upsert({ inputs: [row('a@x.example', 't0'), row('a@b', 't1')] })
  expect(
    'errors' in partial && partial.errors?.map((error) => [error.category, error.context.objectWriteTraceId]),
  ).toEqual([['VALIDATION_ERROR', ['t1']]])
  const missing = await batchApi.read({ inputs: [{ id: '5' }], properties: [], propertiesWithHistory: [] })
  expect('errors' in missing && missing.errors?.[0]?.context.ids).toEqual(['5'])
  const refused = batchApi.create({ inputs: [{ properties: { email: 'a@x.example' }, associations: [] }] })
  await expect(refused).rejects.toMatchObject({ code: 409, body: { category: 'CONFLICT' } })
})

test('companies: single records, paging and search', async () => {
  const { basicApi, batchApi, searchApi } = client.crm.companies
  const made = await basicApi.create({ properties: { name: 'Acme', domain: 'acme.example' }, associations: [] })
  expect((await basicApi.getById(made.id, ['domain'])).properties.domain).toBe('acme.example')
  expect((await basicApi.update(made.id, { properties: { city: 'Ulm' } })).properties.city).toBe('Ulm')
  const many = Array.from({ length: 30 }, (_, n) => ({ properties: { name: `N${n}` }, associations: [] }))
  await batchApi.create({ inputs: many })
  const page = await basicApi.getPage(25, undefined, ['name'])
  expect([page.results.length, page.paging?.next?.after]).toEqual([25, expect.any(String)])
  expect((await basicApi.getPage(25, page.paging?.next?.after)).results).toHaveLength(6)
  const filters = [{ propertyName: 'domain', operator: FilterOperatorEnum.In, values: ['acme.example'] }]
  const found = await searchApi.doSearch({ filterGroups: [{ filters }], properties: ['city'], limit: 200 })
  expect([found.total, found.results[0]?.id, found.results[0]?.properties.city]).toEqual([1, made.id, 'Ulm'])
  await basicApi.archive(made.id)
  await expect(basicApi.getById(made.id)).rejects.toMatchObject({ code: 404 })
})

test('companies: upsert by a unique property; deals and objects by type id', async () => {
  const input = { id: 'C1', idProperty: 'customer_id', properties: { name: 'One' } }
  const first = await client.crm.companies.batchApi.upsert({ inputs: [input] })
  const again = await client.crm.objects.batchApi.upsert('0-2', { inputs: [input] })
  expect(again.results.map((one) => [one.id, one._new])).toEqual([[first.results[0]?.id, false]])
  const byDomain = { inputs: [{ ...input, idProperty: 'domain' }] }
  await expect(client.crm.companies.batchApi.upsert(byDomain)).rejects.toMatchObject({ code: 400 })
  const properties = { dealname: 'D', dealstage: 'closedwon', amount: '10' }
  const deal = await client.crm.deals.basicApi.create({ properties, associations: [] })
  expect(deal.properties.amount).toBe('10')
  const tickets = await client.crm.tickets.basicApi.getPage()
  expect(tickets.results).toEqual([])
})

test('properties: all, one, create', async () => {
  const { coreApi } = client.crm.properties
  const { results } = await coreApi.getAll('companies')
  const key = results.find((property) => property.name === 'customer_id')
  expect([key?.hasUniqueValue, key?.modificationMetadata?.readOnlyValue]).toEqual([true, false])
  const made = await coreApi.create('contacts', {
    name: 'plan',
    label: 'Plan',
    groupName: 'contactinformation',
    type: 'enumeration',
    fieldType: 'select',
    options: [{ label: 'Pro', value: 'pro', hidden: false, displayOrder: 0 }],
  } as Parameters<typeof coreApi.create>[1])
  expect(made.options.map((option) => option.value)).toEqual(['pro'])
  expect((await coreApi.getByName('contacts', 'plan')).label).toBe('Plan')
  await expect(coreApi.getByName('contacts', 'nope')).rejects.toMatchObject({ code: 404 })
})

test('associations: default, labelled, read and archived', async () => {
  const [person = ''] = await control.putRecords('hubspot', 'contacts', [{ email: 'a@x.example' }])
  const [company = '', other = ''] = await control.putRecords('hubspot', 'companies', [{ name: 'A' }, { name: 'B' }])
  const { batchApi, basicApi } = client.crm.associations.v4
  const pair = (id: string) => ({ _from: { id: person }, to: { id } })
  const made = await batchApi.createDefault('contacts', 'companies', { inputs: [pair(company)] })
  expect(made.results.map((one) => one.associationSpec.associationTypeId)).toEqual([279, 280])
  const types = [{ associationCategory: AssociationSpecAssociationCategoryEnum.HubspotDefined, associationTypeId: 1 }]
  await batchApi.create('contacts', 'companies', { inputs: [{ ...pair(other), types }] })
  const read = await batchApi.getPage('contacts', 'companies', { inputs: [{ id: person }] })
  const seen = read.results[0]?.to.map((one) => [one.toObjectId, one.associationTypes.map((type) => type.typeId)])
  expect(seen).toEqual([
    [company, [279]],
    [other, [279, 1]],
  ])
  await batchApi.archive('contacts', 'companies', { inputs: [{ _from: { id: person }, to: [{ id: other }] }] })
  expect((await basicApi.getPage('contacts', person, 'companies')).results).toHaveLength(1)
  const missing = await batchApi.create('contacts', 'companies', { inputs: [{ ...pair('999'), types }] })
  expect('errors' in missing && missing.numErrors).toBe(1)
})

test('owners, custom object schemas, pipelines and tokens', async () => {
  await control.putPolicies('hubspot', { owners: [{ id: '71', email: 'pat@x.example' }] })
  const { results } = await client.crm.owners.ownersApi.getPage('pat@x.example')
  expect(results.map((owner) => [owner.id, owner.email])).toEqual([['71', 'pat@x.example']])
  await control.putSchema('hubspot', 'plans', { properties: [{ name: 'code', hasUniqueValue: true }] })
  const schemas = await client.crm.schemas.coreApi.getAll()
  expect(schemas.results.map((one) => [one.name, one.objectTypeId])).toEqual([['plans', '2-1004']])
  const pipelines = await client.crm.pipelines.pipelinesApi.getAll('deals')
  expect(pipelines.results[0]?.stages.map((stage) => stage.id)).toContain('closedwon')
  const tokens = await client.oauth.tokensApi.create('refresh_token', undefined, undefined, 'app', 's', 'r1')
  expect(tokens.expiresIn).toBe(1800)
})

test('a merge by the client: the old id answers with the survivor', async () => {
  const [a = '', b = ''] = await control.putRecords('hubspot', 'contacts', [
    { email: 'a@x.example' },
    { email: 'b@x.example' },
  ])
  const merged = await client.crm.contacts.basicApi.merge({ primaryObjectId: a, objectIdToMerge: b })
  expect((await client.crm.contacts.basicApi.getById(b)).id).toBe(merged.id)
})

test("the client's raw requests reach the dated paths and the account details, and leave a journal", async () => {
  const details = await client.apiRequest({ method: 'GET', path: '/account-info/v3/details' })
  expect(await details.json()).toMatchObject({ portalId: expect.any(Number), accountType: 'DEVELOPER_TEST' })
  const answer = await client.apiRequest({
    method: 'POST',
    path: '/crm/objects/2026-09/contacts/batch/upsert',
    body: { inputs: [{ id: 'a@x.example', idProperty: 'email', properties: {} }] },
  })
  expect([answer.status, answer.headers.get('x-hubspot-ratelimit-interval-milliseconds')]).toEqual([200, '10000'])
  const [record] = await control.records('hubspot', 'contacts')
  const entries = await control.journal()
  expect(entries.map(({ crm, method, status }) => [crm, method, status])).toEqual([
    ['hubspot', 'GET', 200],
    ['hubspot', 'POST', 200],
  ])
  expect(await control.history('hubspot', 'contacts', String(record?.id))).toMatchObject([
    { request: entries.at(-1)?.seq, op: 'create' },
  ])
})
