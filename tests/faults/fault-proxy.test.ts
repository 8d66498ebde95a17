/** The proxy itself: what it lets through is untouched, and each fault is the one it says it is. */
import { request } from 'node:http'
import { Client } from '@hubspot/api-client'
import { Connection } from 'jsforce'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestEmulator, type TestEmulator } from '../support/emulator.ts'
import { json, type StubServer, stubServer } from '../support/stub-server.ts'
import { type FaultProxy, startFaultProxy } from './support/fault-proxy.ts'

const ANSWER = { results: [1, 2, 3], note: 'ü' }

describe('a fault proxy', () => {
  let server: StubServer
  let proxy: FaultProxy
  beforeEach(async () => {
    server = await stubServer((_, out) => json(out, 200, ANSWER, { 'X-Two': 'b' }))
    proxy = await startFaultProxy(server.url)
  })
  afterEach(async () => {
    await proxy.close()
    await server.close()
  })

  const post = (path = '/write', body = '{"a":"ü"}') => fetch(`${proxy.url}${path}`, { method: 'POST', body })
  const failure = (promise: Promise<unknown>) => promise.then(() => 'no failure', codeOf)

  test('passes method, path, headers, Host and bytes in both directions', async () => {
    const answer = await fetch(`${proxy.url}/a%2Fb?c=%20d`, {
      method: 'PATCH',
      body: 'ü\0x',
      headers: { 'X-One': 'a' },
    })
    expect(await answer.json()).toEqual(ANSWER)
    expect(answer.headers.get('x-two')).toBe('b')
    const [seen] = server.requests
    expect(seen).toMatchObject({ method: 'PATCH', path: '/a%2Fb?c=%20d', body: 'ü\0x' })
    expect(seen?.headers).toMatchObject({ 'x-one': 'a', host: new URL(proxy.url).host, 'content-length': '4' })
    expect(proxy.seen).toMatchObject([{ method: 'PATCH', path: '/a%2Fb?c=%20d' }])
  })

  test('passes answers without a body, of HEAD and of a chunked request', async () => {
    expect((await fetch(proxy.url, { method: 'HEAD' })).status).toBe(200)
    const status = await new Promise((resolve, reject) => {
      const out = request(proxy.url, { method: 'PUT' }, (answer) =>
        answer.resume().on('end', () => resolve(answer.statusCode)),
      )
      out.on('error', reject)
      out.write('one')
      out.end('two')
    })
    expect(status).toBe(200)
    expect(server.requests[1]).toMatchObject({ method: 'PUT', body: 'onetwo' })
  })

  test('counts matches from the moment the rule was added, and acts on the n-th only', async () => {
    await post()
    proxy.add({ match: { method: 'POST', path: /^\/write/, nth: 2 }, action: { kind: 'status', status: 418 } })
    await fetch(proxy.url)
    const statuses = [
      (await post()).status,
      (await post('/other')).status,
      (await post()).status,
      (await post()).status,
    ]
    expect(statuses).toEqual([200, 200, 418, 200])
    expect(proxy.seen.filter(({ fault }) => fault !== undefined)).toHaveLength(1)
  })

  test('reset-before: a reset, and nothing arrives', async () => {
    proxy.add({ match: {}, action: { kind: 'reset-before' } })
    expect(await failure(post())).toBe('ECONNRESET')
    expect(server.requests).toEqual([])
  })

  test('drop-response-after-apply: a reset, and it arrived', async () => {
    proxy.add({ match: {}, action: { kind: 'drop-response-after-apply' } })
    expect(await failure(post())).toBe('ECONNRESET')
    expect(server.requests).toHaveLength(1)
  })

  test('reset-after-headers: status and headers, then no body', async () => {
    proxy.add({ match: {}, action: { kind: 'reset-after-headers' } })
    const answer = await post()
    expect(answer.status).toBe(200)
    expect(await failure(answer.text())).toMatch(/ECONNRESET|UND_ERR_SOCKET|terminated/)
    expect(server.requests).toHaveLength(1)
  })

  test('truncate: fewer bytes than announced', async () => {
    proxy.add({ match: {}, action: { kind: 'truncate', bytes: 5 } })
    const answer = await post()
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(5)
    expect(await failure(answer.text())).toMatch(/UND_ERR_SOCKET|ECONNRESET|terminated/)
  })

  test.each([
    ['pop', { ...ANSWER, results: [1, 2] }],
    ['repeat', { ...ANSWER, results: [1, 2, 3, 3] }],
  ] as const)('corrupt-json %s: a well-formed answer of another length', async (how, expected) => {
    proxy.add({ match: {}, action: { kind: 'corrupt-json', how } })
    expect(await (await post()).json()).toEqual(expected)
  })

  test('corrupt-json cut: no JSON any more', async () => {
    proxy.add({ match: {}, action: { kind: 'corrupt-json', how: 'cut' } })
    expect(await failure((await post()).json())).toMatch(/JSON/)
  })

  test('status: answers in place of the server, or after it when it says so', async () => {
    const action = { kind: 'status', status: 503, headers: { 'Retry-After': '7' }, body: '<html>' } as const
    proxy.add({ match: { nth: 1 }, action }, { match: {}, action: { ...action, applied: true } })
    const first = await post()
    expect([first.status, first.headers.get('retry-after'), await first.text()]).toEqual([503, '7', '<html>'])
    expect(server.requests).toHaveLength(0)
    expect((await post()).status).toBe(503)
    expect(server.requests).toHaveLength(1)
  })

  test('redirect: elsewhere, and nothing arrives', async () => {
    proxy.add({ match: {}, action: { kind: 'redirect', to: 'http://127.0.0.1:1/', status: 302 } })
    const answer = await fetch(proxy.url, { method: 'POST', body: 'x', redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/'])
    expect(server.requests).toEqual([])
  })

  test('duplicate-delivery: arrives twice, answered once', async () => {
    proxy.add({ match: { nth: 1 }, action: { kind: 'duplicate-delivery' } })
    expect(await (await post()).json()).toEqual(ANSWER)
    expect(server.requests.map(({ body }) => body)).toEqual(['{"a":"ü"}', '{"a":"ü"}'])
  })

  test('delay and slow-drip: later, but whole', async () => {
    proxy.add({ match: { nth: 1 }, action: { kind: 'delay', ms: 120 } })
    proxy.add({ match: { nth: 2 }, action: { kind: 'slow-drip', bytesPerSecond: 100 } })
    for (const atLeastMs of [110, 200]) {
      const startedMs = performance.now()
      expect(await (await post()).json()).toEqual(ANSWER)
      expect(performance.now() - startedMs).toBeGreaterThan(atLeastMs)
    }
  })

  test('hold-until-told: nothing arrives before it is told', async () => {
    proxy.add({ match: {}, action: { kind: 'hold-until-told', applied: 'after' } })
    const firing = proxy.fired()
    const answer = post()
    await firing
    expect(server.requests).toEqual([])
    proxy.release()
    expect((await answer).status).toBe(200)
  })

  test('blackhole: arrives, and no answer ever comes', async () => {
    proxy.add({ match: {}, action: { kind: 'blackhole', applied: true } })
    const answer = fetch(proxy.url, { signal: AbortSignal.timeout(300) })
    expect(await failure(answer)).toMatch(/Timeout|abort/)
    expect(server.requests).toHaveLength(1)
  })

  test('tell: calls back before the request arrives, or when it was applied', async () => {
    const arrived: number[] = []
    const call = () => void arrived.push(server.requests.length)
    proxy.add({ match: { nth: 1 }, action: { kind: 'tell', when: 'before', call } })
    proxy.add({ match: { nth: 2 }, action: { kind: 'tell', when: 'applied', call } })
    await post()
    await post()
    expect(arrived).toEqual([0, 2])
  })

  test('a server that is not there breaks the connection', async () => {
    await server.close()
    expect(await failure(post())).toMatch(/ECONNRESET|UND_ERR_SOCKET|closed/)
  })
})

describe('clients that somebody else wrote', () => {
  let emulator: TestEmulator
  let proxy: FaultProxy
  beforeEach(async () => {
    emulator = await startTestEmulator()
    proxy = await startFaultProxy(emulator.url)
  })
  afterEach(async () => {
    await proxy.close()
    await emulator.close()
  })

  test('jsforce works through it as without it, and meets its faults', async () => {
    const connection = new Connection({ instanceUrl: proxy.url, accessToken: 'emulator', version: '66.0' })
    const made = await connection.sobject('Account').create({ Name: 'One' })
    expect(made.success).toBe(true)
    expect((await connection.query('SELECT Id, Name FROM Account')).records).toMatchObject([{ Name: 'One' }])
    proxy.add({ match: { method: 'POST' }, action: { kind: 'drop-response-after-apply' } })
    await expect(connection.sobject('Account').create({ Name: 'Two' })).rejects.toThrow()
    expect(await emulator.control.records('salesforce', 'Account')).toHaveLength(2)
  })

  test('the HubSpot client works through it as without it, and meets its faults', async () => {
    const client = new Client({ basePath: proxy.url, accessToken: 'emulator', numberOfApiCallRetries: 0 })
    await client.crm.companies.basicApi.create({ properties: { name: 'One' }, associations: [] })
    proxy.add({ match: { method: 'POST' }, action: { kind: 'status', status: 502, body: 'gone', applied: true } })
    await expect(
      client.crm.companies.basicApi.create({ properties: { name: 'Two' }, associations: [] }),
    ).rejects.toThrow()
    expect(await emulator.control.records('hubspot', 'companies')).toHaveLength(2)
  })
})

/** The innermost code or message. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return codeOf(error.cause)
  return 'code' in error && typeof error.code === 'string' ? error.code : `${error.name}: ${error.message}`
}
