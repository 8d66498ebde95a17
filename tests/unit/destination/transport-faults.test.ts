import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { Destination, WriteRequest } from '../../../runner/destination/destination.ts'
import { type Ports, systemPorts } from '../../../runner/ports.ts'
import type { Connection } from '../../../runner/project/project.ts'
import { impatientPorts, NEVER, openForTest, realTarget } from '../../support/open-for-test.ts'
import { json, type StubRequest, type StubServer, stubServer } from '../../support/stub-server.ts'

let server: StubServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

interface Vendor {
  request: WriteRequest
  success: unknown
  target(url: string): ReturnType<typeof realTarget>
}

const VENDORS: Record<Connection['type'], Vendor> = {
  salesforce: {
    request: {
      object: 'Account',
      path: 'upsert',
      matchField: 'Key__c',
      changes: [{ changeId: 'c1', body: '{"attributes":{"type":"Account"},"Key__c":"k1","Name":"Secret Name"}' }],
    },
    success: [{ id: '001000000000001AAA', success: true, errors: [], created: true }],
    target: (url) => realTarget('access_token', { instance_url: url, access_token: 't0ken' }),
  },
  hubspot: {
    request: {
      object: 'contacts',
      path: 'upsert',
      matchField: 'email',
      changes: [
        {
          changeId: 'c1',
          body: '{"objectWriteTraceId":"c1","id":"a@x.io","idProperty":"email","properties":{"email":"a@x.io"}}',
        },
      ],
    },
    success: {
      status: 'COMPLETE',
      results: [{ id: '1', new: true, objectWriteTraceId: 'c1', properties: { email: 'a@x.io' } }],
    },
    target: (url) => realTarget('access_token', { base_url: url, access_token: 't0ken' }),
  },
}

type Answer = (out: ServerResponse, request: StubRequest, vendor: Vendor) => void

async function openOn(type: Connection['type'], answer: Answer, ports: Ports = systemPorts()): Promise<Destination> {
  server = await stubServer((request, out) => answer(out, request, VENDORS[type]))
  return openForTest({ type, target: VENDORS[type].target(server.url), ports })
}

const FAULTS: [name: string, answer: Answer, expected: object][] = [
  ['succeeds', (out, _, vendor) => json(out, 200, vendor.success), { status: 'succeeded', created: true }],
  [
    '503',
    (out) => json(out, 503, [{ errorCode: 'SERVER_UNAVAILABLE', message: 'm' }]),
    { status: 'unknown', code: 'HTTP_503' },
  ],
  [
    '500 with html',
    (out) => void out.writeHead(500, { 'content-type': 'text/html' }).end('<h1>'),
    { status: 'unknown' },
  ],
  [
    '200 with html',
    (out) => void out.writeHead(200, { 'content-type': 'text/html' }).end('<h1>'),
    { status: 'unknown', code: 'E-CRM-ANSWER' },
  ],
  ['200 without a body', (out) => void out.writeHead(200).end(), { status: 'unknown' }],
  ['429', (out) => json(out, 429, {}), { status: 'retryable' }],
  [
    'reset without an answer',
    (out) => void out.socket?.destroy(),
    { status: 'unknown', code: /ECONNRESET|UND_ERR_SOCKET/ },
  ],
  ['body cut short', (out, _, vendor) => cutShort(out, JSON.stringify(vendor.success)), { status: 'unknown' }],
  ['no answer at all', () => {}, { status: 'unknown', code: 'TIMEOUT' }],
  [
    '400 with html',
    (out) => void out.writeHead(400, { 'content-type': 'text/html' }).end('<h1>'),
    { status: 'unknown' },
  ],
]

/** Seen only by waiting. */
const WAITED_FOR = new Set(['body cut short', 'no answer at all'])

function cutShort(out: ServerResponse, body: string): void {
  out.writeHead(200, { 'content-type': 'application/json', 'content-length': String(body.length) })
  out.write(body.slice(0, 20), () => out.socket?.destroy())
}

describe.each(['salesforce', 'hubspot'] as const)('%s: one write, one request', (type) => {
  test.each(FAULTS)('%s', async (name, answer, expected) => {
    const destination = await openOn(type, answer, WAITED_FOR.has(name) ? impatientPorts() : systemPorts())
    const { outcomes } = await destination.write(VENDORS[type].request, NEVER)
    expect(outcomes).toHaveLength(1)
    for (const [member, value] of Object.entries(expected)) {
      const actual = Object.entries(outcomes[0] ?? {}).find(([key]) => key === member)?.[1]
      if (value instanceof RegExp) expect(actual).toMatch(value)
      else expect(actual).toBe(value)
    }
    expect(server?.requests).toHaveLength(1)
    expect(destination.calls).toEqual({ reads: 0, writes: 1 })
  })

  test('requests one after the other share a connection', async () => {
    const destination = await openOn(type, (out, _, vendor) => json(out, 200, vendor.success))
    for (let count = 0; count < 5; count += 1) await destination.write(VENDORS[type].request, NEVER)
    expect(server?.connections()).toBeLessThanOrEqual(2)
  })

  test('a CRM that is not there: rows wait, reads say which host', async () => {
    const gone = await stubServer(() => {})
    await gone.close()
    const destination = await openForTest({ type, target: VENDORS[type].target(gone.url) })
    const { outcomes } = await destination.write(VENDORS[type].request, NEVER)
    expect(outcomes[0]).toMatchObject({ status: 'retryable', code: 'ECONNREFUSED' })
    const failure = await destination.identify(NEVER).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'E-CRM-UNREACHABLE', exitCode: 75 })
    expect(String(failure)).toContain(new URL(gone.url).host)
  })

  test('a wrong token: E-CRM-AUTH, one request, the token in no message', async () => {
    const destination = await openOn(type, (out) =>
      json(out, 401, { message: 'bad t0ken', category: 'INVALID_AUTHENTICATION' }),
    )
    for (const call of [() => destination.write(VENDORS[type].request, NEVER), () => destination.identify(NEVER)]) {
      const failure = await call().then(undefined, (error: unknown) => error)
      expect(failure).toMatchObject({ code: 'E-CRM-AUTH', exitCode: 2 })
      expect(JSON.stringify(failure) + String(failure)).not.toContain('t0ken')
    }
    expect(server?.requests).toHaveLength(2)
  })

  test('an abort during the call: unknown; before the call: nothing is sent', async () => {
    const destination = await openOn(type, () => {})
    const stop = new AbortController()
    const writing = destination.write(VENDORS[type].request, stop.signal)
    setTimeout(() => stop.abort(), 50)
    expect((await writing).outcomes[0]).toMatchObject({ status: 'unknown', code: 'ABORTED' })
    await expect(destination.write(VENDORS[type].request, stop.signal)).rejects.toThrow()
    expect(server?.requests.length).toBeLessThanOrEqual(1)
  })

  test('reads are repeated, three times at most', async () => {
    const destination = await openOn(type, (out) => json(out, 503, {}))
    await expect(destination.identify(NEVER)).rejects.toMatchObject({ code: 'E-CRM-UNAVAILABLE', exitCode: 75 })
    expect(server?.requests).toHaveLength(3)
  })

  test('a read that took the whole deadline is not repeated', async () => {
    const destination = await openOn(type, () => {}, impatientPorts())
    await expect(destination.identify(NEVER)).rejects.toMatchObject({ code: 'E-CRM-UNREACHABLE', exitCode: 75 })
    expect(server?.requests).toHaveLength(1)
  })

  test('a login page instead of a CRM is named as such', async () => {
    const destination = await openOn(type, (out) => void out.writeHead(200).end('<html>'))
    await expect(destination.identify(NEVER)).rejects.toMatchObject({ code: 'E-CRM-ANSWER' })
  })

  test('F84 a redirect is not followed: neither a row nor a token goes there', async () => {
    const elsewhere = await stubServer((_, out) => json(out, 200, {}))
    const destination = await openOn(type, (out) => {
      out.writeHead(307, { location: `${elsewhere.url.replace('127.0.0.1', 'localhost')}/taken` }).end()
    })
    const { outcomes } = await destination.write(VENDORS[type].request, NEVER)
    await expect(destination.identify(NEVER)).rejects.toThrow()
    expect(outcomes[0]).toMatchObject({ status: 'unknown', code: 'E-CRM-REDIRECT' })
    expect(elsewhere.requests).toEqual([])
    await elsewhere.close()
  })

  test('a redirect of a write is not followed into a success', async () => {
    const destination = await openOn(type, (out, request, vendor) => {
      if (request.path === '/elsewhere') json(out, 200, vendor.success)
      else out.writeHead(307, { location: '/elsewhere' }).end()
    })
    const { outcomes } = await destination.write(VENDORS[type].request, NEVER)
    expect(outcomes[0]).toMatchObject({ status: 'unknown', code: 'E-CRM-REDIRECT' })
  })
})

test.each([
  'http://crm.my.salesforce.com',
  'https://crm.example.com',
  'https://user@api.hubapi.com',
  'https://10.0.0.1',
  'nowhere',
])('no token goes to %s', async (address) => {
  for (const type of ['salesforce', 'hubspot'] as const) {
    await expect(openForTest({ type, target: VENDORS[type].target(address) })).rejects.toMatchObject({
      code: 'E-TGT-HOST',
    })
  }
})
