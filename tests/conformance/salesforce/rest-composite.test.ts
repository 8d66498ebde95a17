import { beforeEach, describe, expect, test } from 'vitest'
import { ACCOUNT_FIELDS, useEmulator } from '../../contract/emulator-support.ts'

const emulator = useEmulator()
type Row = Record<string, unknown>
const BASE = '/services/data/v66.0'
const post = (path: string, body: unknown) => emulator.api(path, { method: 'POST', body })
const node = (referenceId: string, row: Row, object = 'Account') => ({
  method: 'POST',
  url: `${BASE}/sobjects/${object}`,
  referenceId,
  body: row,
})
const all = (object = 'Account') => emulator.control.records('salesforce', object)

beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

describe('case 39: composite', () => {
  test('case 39: later requests name results of earlier ones; all of it is one call', async () => {
    const used = async () =>
      Number(/=(\d+)\//.exec((await emulator.api('/limits')).headers.get('sforce-limit-info') ?? '')?.[1])
    const before = await used()
    const { status, body } = await post('/composite', {
      compositeRequest: [
        node('acc', { Name: 'Acme', Customer_Id__c: 'k' }),
        node('con', { LastName: 'x', AccountId: '@{acc.id}' }, 'Contact'),
        { method: 'GET', url: `${BASE}/query?q=SELECT+Id+FROM+Contact+WHERE+AccountId='@{acc.id}'`, referenceId: 'q' },
        { method: 'GET', url: `${BASE}/sobjects/Contact/@{q.records[0].Id}?fields=LastName`, referenceId: 'back' },
        {
          method: 'PATCH',
          url: `${BASE}/sobjects/Account/Customer_Id__c/k`,
          referenceId: 'up',
          body: { Site: '@{back.LastName}' },
        },
      ],
    })
    expect(status).toBe(200)
    expect(body.compositeResponse.map((one: Row) => [one.referenceId, one.httpStatusCode])).toEqual([
      ['acc', 201],
      ['con', 201],
      ['q', 200],
      ['back', 200],
      ['up', 200],
    ])
    const [first] = body.compositeResponse
    expect(first.httpHeaders.Location).toBe(`${BASE}/sobjects/Account/${first.body.id}`)
    expect((await all())[0]).toMatchObject({ Site: 'x' })
    expect(await used()).toBe(before + 2)
  })

  test('case 39: 26 requests are 400, 25 are taken', async () => {
    const many = (count: number) => ({
      compositeRequest: Array.from({ length: count }, (_, n) => node(`r${n}`, { Name: `n${n}` })),
    })
    expect((await post('/composite', many(26))).status).toBe(400)
    expect(await all()).toEqual([])
    expect((await post('/composite', many(25))).status).toBe(200)
    expect(await all()).toHaveLength(25)
  })

  test('case 39: without allOrNone the good ones stay, and those that needed the bad one are halted', async () => {
    const { body } = await post('/composite', {
      compositeRequest: [
        node('bad', {}),
        node('child', { LastName: 'x', AccountId: '@{bad.id}' }, 'Contact'),
        node('good', { Name: 'n' }),
      ],
    })
    const [bad, child, good] = body.compositeResponse
    expect(bad).toMatchObject({ httpStatusCode: 400, body: [{ errorCode: 'REQUIRED_FIELD_MISSING' }] })
    expect(child).toMatchObject({ httpStatusCode: 400, body: [{ errorCode: 'PROCESSING_HALTED' }] })
    expect(good.httpStatusCode).toBe(201)
  })

  test('case 39: with allOrNone everything is undone: records, history, and the values before', async () => {
    const [id = ''] = await emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'a', Customer_Id__c: 'k', Site: 'HQ' },
    ])
    const { body } = await post('/composite', {
      allOrNone: true,
      compositeRequest: [
        node('new', { Name: 'b' }),
        {
          method: 'PATCH',
          url: `${BASE}/sobjects/Account/${id}`,
          referenceId: 'up',
          body: { Site: 'X', Customer_Id__c: 'k2' },
        },
        { method: 'DELETE', url: `${BASE}/sobjects/Account/${id}`, referenceId: 'del' },
        node('bad', {}),
      ],
    })
    expect(body.compositeResponse.map((one: { body: Row[] }) => one.body[0]?.errorCode)).toEqual([
      'PROCESSING_HALTED',
      'PROCESSING_HALTED',
      'PROCESSING_HALTED',
      'REQUIRED_FIELD_MISSING',
    ])
    expect(await all()).toMatchObject([{ Id: id, Site: 'HQ', Customer_Id__c: 'k' }])
    expect(await emulator.control.history('salesforce', 'Account', id)).toHaveLength(1)
    expect((await emulator.api('/sobjects/Account/Customer_Id__c/k')).status).toBe(200)
    expect((await emulator.api('/sobjects/Account/Customer_Id__c/k2')).status).toBe(404)
  })

  test('case 39: a graph is all or none; after 14 failed graphs the rest is halted', async () => {
    const graph = (graphId: string, good: boolean) => ({
      graphId,
      compositeRequest: [node('a', { Name: graphId }), node('b', good ? { Name: `${graphId}-b` } : {})],
    })
    const graphs = [
      graph('ok', true),
      ...Array.from({ length: 14 }, (_, n) => graph(`bad${n}`, false)),
      graph('late', true),
    ]
    const { body } = await post('/composite/graph', { graphs })
    expect(body.graphs.map((one: Row) => one.isSuccessful)).toEqual([true, ...Array(15).fill(false)])
    const late = body.graphs.at(-1).graphResponse.compositeResponse
    expect(late).toMatchObject([{ httpStatusCode: 400, body: [{ errorCode: 'PROCESSING_HALTED' }] }, {}])
    expect((await all()).map((row) => row.Name)).toEqual(['ok', 'ok-b'])
    expect(
      (await post('/composite/graph', { graphs: Array.from({ length: 76 }, (_, n) => graph(`g${n}`, true)) })).status,
    ).toBe(400)
  })
})

test.each([
  ['/composite', 'compositeRequest'],
  ['/composite/graph', 'graphs'],
  ['/composite/batch', 'batchRequests'],
  ['/composite/tree/Account', 'records'],
])('case 39: %s answers 400 to what is no list of objects', async (path, name) => {
  for (const value of [undefined, null, 'x', [null], [1], {}, [{ [name]: null }]]) {
    const { status } = await post(path, { [name]: value })
    expect([200, 400]).toContain(status)
    if (!Array.isArray(value) || value[0] === null) expect(status).toBe(400)
  }
})

describe('batch and tree', () => {
  test('a batch answers each request on its own and can stop at the first error', async () => {
    const batchRequests = [
      { method: 'GET', url: 'v66.0/limits' },
      { method: 'POST', url: 'v66.0/sobjects/Account', richInput: {} },
      { method: 'POST', url: 'v66.0/sobjects/Account', richInput: { Name: 'n' } },
    ]
    const all3 = (await post('/composite/batch', { batchRequests })).body
    expect(all3).toMatchObject({
      hasErrors: true,
      results: [{ statusCode: 200 }, { statusCode: 400 }, { statusCode: 201 }],
    })
    const halted = (await post('/composite/batch', { batchRequests, haltOnError: true })).body
    expect(halted.results[2]).toMatchObject({ statusCode: 412, result: [{ errorCode: 'BATCH_PROCESSING_HALTED' }] })
    expect(await all()).toHaveLength(1)
  })

  const tree = (lastName: string | undefined) => ({
    records: [
      {
        attributes: { type: 'Account', referenceId: 'r1' },
        Name: 'Acme',
        Contacts: {
          records: [
            {
              attributes: { type: 'Contact', referenceId: 'r2' },
              ...(lastName === undefined ? {} : { LastName: lastName }),
            },
          ],
        },
      },
    ],
  })

  test('a tree creates parents and children together, or nothing', async () => {
    const bad = await post('/composite/tree/Account', tree(undefined))
    expect(bad).toMatchObject({
      status: 400,
      body: { hasErrors: true, results: [{ referenceId: 'r2', errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] }] },
    })
    expect([await all(), await all('Contact')]).toEqual([[], []])
    const good = await post('/composite/tree/Account/', tree('x'))
    expect(good).toMatchObject({
      status: 201,
      body: { hasErrors: false, results: [{ referenceId: 'r1' }, { referenceId: 'r2' }] },
    })
    expect((await all('Contact'))[0]).toMatchObject({ LastName: 'x', AccountId: good.body.results[0].id })
  })
})
