import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Emulator, startEmulator } from '../../../emulator/start.ts'
import { useEmulator } from '../../contract/emulator-support.ts'
import { rawHttp } from './raw-http.ts'

const emulator = useEmulator()
const DATA = '/services/data/v66.0'
const auth = { authorization: 'Bearer any', 'sforce-auto-assign': 'FALSE' }
const get = (path: string, headers: Record<string, string> = auth) => rawHttp(`${emulator.url}${path}`, { headers })
const json = (answer: { bytes: Buffer }): unknown => JSON.parse(answer.bytes.toString('utf8'))

describe('addresses', () => {
  test('case 1: the list of versions needs no token, is not counted and carries no limit', async () => {
    for (const path of ['/services/data', '/services/data/', '//services/data']) {
      const answer = await get(path, {})
      expect(answer.status).toBe(200)
      expect(answer.headers).not.toHaveProperty('sforce-limit-info')
      expect(json(answer)).toContainEqual({ label: "Spring '26", url: DATA, version: '66.0' })
    }
    expect((await get(`${DATA}/limits`)).headers['sforce-limit-info']).toBe('api-usage=1/100000')
  })

  test('case 2: a doubled slash and one at the end are as if they were not there', async () => {
    const single = Object.keys(json(await get(`${DATA}/limits`)) as object)
    for (const path of [`/${DATA}/limits`, `${DATA}//limits`, `${DATA}/limits/`, '//services//data//v66.0//limits//']) {
      const answer = await get(path)
      expect(answer.status).toBe(200)
      expect(Object.keys(json(answer) as object)).toEqual(single)
    }
    expect((await get(`${DATA}/query/?q=SELECT+Id+FROM+User`)).status).toBe(200)
    expect((await get(`${DATA}/sobjects/Account/`)).status).toBe(200)
  })

  test('case 8: a retired version is 410, an unknown path 404 in the usual shape', async () => {
    for (const version of ['v21.0', 'v30.0']) expect((await get(`/services/data/${version}/limits`)).status).toBe(410)
    expect((await get('/services/data/v31.0/limits')).status).toBe(200)
    for (const path of [`${DATA}/nope`, `${DATA}/sobjects/Nope__c/describe`, '/services/data/v99.0/limits']) {
      const answer = await get(path)
      expect(answer.status).toBe(404)
      expect(json(answer)).toEqual([{ message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' }])
    }
  })

  test('case 9: an address beyond 16,384 bytes is 414; address and headers together 431', async () => {
    expect((await get(`${DATA}/query?q=${'x'.repeat(16_000)}`)).status).toBe(400)
    expect((await get(`${DATA}/query?q=${'x'.repeat(16_400)}`)).status).toBe(414)
    expect((await get(`${DATA}/limits`, { ...auth, 'x-padding': 'p'.repeat(16_000) })).status).toBe(200)
    expect((await get(`${DATA}/limits`, { ...auth, 'x-padding': 'p'.repeat(16_400) })).status).toBe(431)
    const both = { ...auth, 'x-padding': 'p'.repeat(9_000) }
    expect((await get(`${DATA}/query?q=${'x'.repeat(9_000)}`, both)).status).toBe(431)
  })
})

describe('answers', () => {
  test('case 10: long answers are compressed for who asks, and the same after', async () => {
    const path = `${DATA}/sobjects/Account/describe`
    const plain = await get(path)
    const zipped = await get(path, { ...auth, 'accept-encoding': 'gzip, deflate' })
    expect(plain.headers).not.toHaveProperty('content-encoding')
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 4)
    expect(gunzipSync(zipped.bytes).equals(plain.bytes)).toBe(true)
  })

  test('case 10: X-PrettyPrint spreads the same JSON over lines', async () => {
    const path = `${DATA}/sobjects/Account`
    const pretty = await get(path, { ...auth, 'x-prettyprint': '1' })
    expect(pretty.headers['content-type']).toBe('application/json;charset=UTF-8')
    expect(pretty.bytes.toString('utf8')).toContain('{\n  "objectDescribe"')
    expect(json(pretty)).toEqual(json(await get(path)))
  })

  test('a chunked body and a gzipped one are read like any other', async () => {
    const headers = { ...auth, 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
    const body = JSON.stringify({ Name: 'chunked' })
    const answer = await rawHttp(`${emulator.url}${DATA}/sobjects/Account`, { method: 'POST', headers, body })
    expect(answer.status).toBe(201)
  })

  test('POST stands in for PATCH where a client cannot send it', async () => {
    const [id] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a' }])
    const path = `/sobjects/Account/${id}?_HttpMethod=PATCH`
    expect((await emulator.api(path, { method: 'POST', body: { Name: 'b' } })).status).toBe(204)
    expect((await emulator.api(`/sobjects/Account/${id}`)).body.Name).toBe('b')
  })
})

describe('limits', () => {
  const info = async () => (await get(`${DATA}/limits`)).headers['sforce-limit-info']

  test('case 6: every answer says how many calls were made, one more each time', async () => {
    expect(await info()).toBe('api-usage=1/100000')
    expect((await get(`${DATA}/sobjects/Nope`)).headers['sforce-limit-info']).toBe('api-usage=2/100000')
    expect(await info()).toBe('api-usage=3/100000')
  })

  test('case 6: with bursts and a share per app where the org has them', async () => {
    await emulator.control.putPolicies('salesforce', {
      limits: { used: 10_017, api_bursts: { used: 1, max: 750 }, per_app: { name: 'sync', max: 250 } },
    })
    expect(await info()).toBe('api-usage=10018/100000; api-bursts=1/750; per-app-api-usage=10018/250(appName=sync)')
  })

  test('case 7: beyond the limit 403, nothing is written, and the next day it goes on', async () => {
    await emulator.control.putPolicies('salesforce', { limits: { daily_api_requests: 2 } })
    const create = () => emulator.api('/sobjects/Account', { method: 'POST', body: { Name: 'x' } })
    const statuses = [(await create()).status, (await create()).status]
    const refused = await create()
    expect(statuses).toEqual([201, 201])
    expect(refused).toMatchObject({
      status: 403,
      body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
    })
    expect(await emulator.control.records('salesforce', 'Account')).toHaveLength(2)
    await emulator.control.advanceClock(86_400_000)
    expect((await create()).status).toBe(201)
  })

  test('case 65: too many long calls at once, for a number of calls, then as before', async () => {
    await emulator.control.putPolicies('salesforce', { limits: { concurrent_refusals: 2 } })
    const create = () => emulator.api('/sobjects/Account', { method: 'POST', body: { Name: 'x' } })
    for (const _attempt of [1, 2]) {
      expect(await create()).toMatchObject({
        status: 403,
        body: [{ message: expect.stringContaining('ConcurrentPerOrgLongTxn'), errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
      })
    }
    expect((await create()).status).toBe(201)
    expect(await emulator.control.records('salesforce', 'Account')).toHaveLength(1)
  })
})

describe('faults', () => {
  test.each(['GET', 'POST', 'PATCH', 'DELETE'])('case 62: a 503 in HTML on %s, not applied', async (method) => {
    const [id = ''] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'kept' }])
    await emulator.control.addFault({
      match: { method },
      action: { status: 503, body: '<html><body>Service Unavailable</body></html>' },
    })
    const path = method === 'POST' ? '/sobjects/Account' : `/sobjects/Account/${id}`
    const answer = await emulator.api(path, {
      method,
      ...(method === 'PATCH' || method === 'POST' ? { body: { Name: 'y' } } : {}),
    })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('content-type')).toContain('text/html')
    expect(answer.text).toContain('Service Unavailable')
    const rows = await emulator.control.records('salesforce', 'Account')
    expect(rows.map((row) => row.Name)).toEqual(['kept'])
  })
})

describe('https', () => {
  let tls: Emulator | undefined
  beforeAll(async () => {
    tls = await startEmulator({ tls: {} })
  })
  afterAll(() => tls?.close())

  test('the same org, with a certificate made at start that a client can trust', async () => {
    const { url = '', cert = '' } = tls?.tls ?? {}
    const answer = await rawHttp(`${url}${DATA}/limits`, { headers: auth, ca: cert })
    expect(answer.status).toBe(200)
    await expect(rawHttp(`${url}${DATA}/limits`, { headers: auth })).rejects.toThrow(/self.signed/)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = 'grant_type=client_credentials&client_id=a&client_secret=s'
    const granted = await rawHttp(`${url}/services/oauth2/token`, { method: 'POST', headers: form, body, ca: cert })
    expect(json(granted)).toMatchObject({ instance_url: url })
  })
})
