import { expect, test } from 'vitest'
import { contact, useAccount } from '../conformance/hubspot/hubspot-account.ts'
import { checkExchange, type Exchange } from './check-exchange.ts'
import { contractFolder, readContract } from './contract-folder.ts'
import { allSituations, situationsIn } from './seen-deviations.ts'
import { emptyTally, neverExercised } from './tally.ts'
import { undatedPath, undatedStatus } from './undated-path.ts'

const account = useAccount('2026-09')
const present = contractFolder() !== undefined

test('gateways answer 5xx with HTML or nothing', async () => {
  const path = account.path('objects', 'contacts')
  const html = { status: 502, body: '<html><body>Bad gateway</body></html>' }
  await account.control.addFault({ match: { crm: 'hubspot', path, nth: 1 }, action: html })
  await expect(account.objects('contacts')).rejects.toThrow(SyntaxError)
  await account.control.addFault({ match: { crm: 'hubspot', path, nth: 1 }, action: { status: 503, body: '' } })
  expect(await account.objects('contacts')).toMatchObject({ status: 503, body: undefined })
})

test('numbers and booleans are taken as values, too many inputs are not', async () => {
  const inputs = [contact('a@x.example', { firstname: 7, lastname: true })]
  expect((await account.objects('contacts/batch/create', { inputs })).status).toBe(201)
  const many = Array.from({ length: 101 }, (_, n) => contact(`${n}@x.example`))
  expect((await account.objects('contacts/batch/create', { inputs: many })).status).toBe(400)
})

test('dated paths are undated, areas of associations to v4', () => {
  expect(undatedPath('/crm/objects/2026-09/contacts/batch/read')).toBe('/crm/v3/objects/contacts/batch/read')
  expect(undatedPath('/crm/objects/2026-03/0-1/7/associations/0-2')).toBe('/crm/v4/objects/0-1/7/associations/0-2')
  expect(undatedPath('/crm/associations/2026-09/a/b/batch/read')).toBe('/crm/v4/associations/a/b/batch/read')
  expect(undatedPath('/crm-object-schemas/2026-09/schemas')).toBe('/crm-object-schemas/v3/schemas')
  expect(undatedPath('/crm/v3/objects/contacts')).toBe('/crm/v3/objects/contacts')
  expect(undatedStatus('/crm/associations/2026-09/a/b/batch/create', 200)).toBe(201)
  expect(undatedStatus('/crm/v4/associations/a/b/batch/create', 201)).toBe(201)
})

test('an entry of the list that nothing shows is named', () => {
  const tally = { ...emptyTally(), used: { 'dev-98': 1 }, seen: { 'dev-09: a 429 with a category': 1 } }
  expect(neverExercised(['dev-09', 'dev-98', 'dev-99'], allSituations(), tally)).toEqual([
    'dev-09: a 429 with a policy name',
    'dev-99',
  ])
})

const exchange = (more: { body?: unknown; path?: string; agent?: string; answer?: Exchange['answer'] }): Exchange => ({
  request: {
    method: 'POST',
    path: more.path ?? '/crm/objects/2026-09/contacts/batch/archive',
    query: new URLSearchParams(),
    headers: { 'user-agent': more.agent ?? 'hubspot-api-client-nodejs; 13.5.0' },
    body: more.body ?? { inputs: [{ id: '1' }] },
  },
  answer: more.answer ?? { status: 204, body: undefined },
})

test.runIf(present)('a request is held to the contract where a real client sends it, an answer always', () => {
  const contract = readContract()
  const rest = (more: Parameters<typeof exchange>[0]) => checkExchange(contract, exchange(more)).rest
  expect(rest({})).toEqual([])
  const label = 'POST /crm/objects/2026-09/contacts/batch/archive 204'
  expect(rest({ body: { inputs: [{ id: 1 }] } })).toEqual([`${label}: request.body.inputs.0.id type number`])
  expect(rest({ body: [] })).toEqual([`${label}: request.body type array`])
  expect(rest({ body: [], agent: 'node' })).toEqual([])
  expect(rest({ path: '/crm/v3/nothing', answer: { status: 200, body: {} } })).toEqual([
    'POST /crm/v3/nothing 200: not in the documents',
  ])
  expect(rest({ agent: 'node', answer: { status: 202, body: {} } })).toEqual([
    'POST /crm/objects/2026-09/contacts/batch/archive 202: response undocumented 202',
  ])
  const html = checkExchange(contract, exchange({ answer: { status: 502, body: '<html>' } }))
  expect([html.rest, html.used]).toEqual([[], ['dev-03']])
})

test('situations are told from ordinary traffic', () => {
  expect(situationsIn(exchange({}))).toEqual([])
  expect(situationsIn(exchange({ answer: { status: 503, body: undefined } }))).toEqual([
    'dev-03: a 5xx that is not JSON',
  ])
})
