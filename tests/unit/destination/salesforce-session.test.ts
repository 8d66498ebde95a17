import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { Destination, WriteRequest } from '../../../runner/destination/destination.ts'
import { NEVER, openForTest, realTarget } from '../../support/open-for-test.ts'
import { json, type StubRequest, type StubServer, stubServer } from '../../support/stub-server.ts'

const EXPIRED = [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]
const request: WriteRequest = {
  object: 'Account',
  path: 'update',
  changes: [{ changeId: 'c1', body: '{"attributes":{"type":"Account"},"id":"001000000000001AAA","Name":"x"}' }],
}
const saved = [{ id: '001000000000001AAA', success: true, errors: [] }]

let server: StubServer
afterEach(() => server.close())

interface Org {
  /** Tokens the org takes; the token endpoint hands out token-1, token-2, … */
  accepts: (token: string) => boolean
  tokenAnswer?: (count: number) => { status: number; body: unknown }
}

/** An org of a few lines: a token endpoint and one answer for everything else. */
async function org({
  accepts,
  tokenAnswer,
}: Org): Promise<{ destination: Destination; tokenRequests: () => StubRequest[] }> {
  let tokens = 0
  server = await stubServer((incoming, out) => {
    if (incoming.path !== '/services/oauth2/token') {
      const token = incoming.headers.authorization?.replace('Bearer ', '') ?? ''
      return accepts(token) ? json(out, 200, saved) : json(out, 401, EXPIRED)
    }
    tokens += 1
    const { status, body } = tokenAnswer?.(tokens) ?? {
      status: 200,
      body: { access_token: `token-${tokens}`, instance_url: server.url, token_type: 'Bearer' },
    }
    json(out, status, body)
  })
  const target = realTarget('client_credentials', { login_url: server.url, client_id: 'id', client_secret: 'shh' })
  const tokenRequests = (): StubRequest[] => server.requests.filter(({ path }) => path === '/services/oauth2/token')
  return { destination: await openForTest({ type: 'salesforce', target }), tokenRequests }
}

test('client credentials: one login, the token on every request', async () => {
  const { destination, tokenRequests } = await org({ accepts: (token) => token === 'token-1' })
  await destination.write(request, NEVER)
  const { outcomes } = await destination.write(request, NEVER)
  expect(outcomes[0]?.status).toBe('succeeded')
  expect(tokenRequests()).toHaveLength(1)
  const form = new URLSearchParams(tokenRequests()[0]?.body)
  expect(Object.fromEntries(form)).toEqual({ grant_type: 'client_credentials', client_id: 'id', client_secret: 'shh' })
})

test('ten writes meet an expired token: one renewal, each replayed once, nothing failed', async () => {
  const { destination, tokenRequests } = await org({ accepts: (token) => token === 'token-2' })
  const results = await Promise.all(Array.from({ length: 10 }, () => destination.write(request, NEVER)))
  expect(results.map(({ outcomes }) => outcomes[0]?.status)).toEqual(Array(10).fill('succeeded'))
  expect(tokenRequests()).toHaveLength(2)
})

test('a 401 that comes after the renewal of another call needs no renewal of its own', async () => {
  let tokens = 0
  let updates = 0
  server = await stubServer(async (incoming, out) => {
    if (incoming.path === '/services/oauth2/token') {
      tokens += 1
      return json(out, 200, { access_token: `token-${tokens}`, instance_url: server.url })
    }
    updates += 1
    const late = updates === 2
    if (late) await wait(150)
    if (incoming.headers.authorization === 'Bearer token-1') return json(out, 401, EXPIRED)
    json(out, 200, saved)
  })
  const target = realTarget('client_credentials', { login_url: server.url, client_id: 'id', client_secret: 'shh' })
  const destination = await openForTest({ type: 'salesforce', target })
  const results = await Promise.all([destination.write(request, NEVER), destination.write(request, NEVER)])
  expect(results.map(({ outcomes }) => outcomes[0]?.status)).toEqual(['succeeded', 'succeeded'])
  expect(tokens).toBe(2)
})

test.each([
  ['INVALID_SESSION_ID', 'This session is not valid for use with the REST API'],
  ['INVALID_SESSION_ID', 'Connected app is not attached to Agent'],
  ['INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE'],
])('a 401 that a new token would not cure asks for none: %s %s', async (errorCode, message) => {
  let tokens = 0
  server = await stubServer((incoming, out) => {
    if (incoming.path !== '/services/oauth2/token') return json(out, 401, [{ errorCode, message }])
    tokens += 1
    json(out, 200, { access_token: 'token', instance_url: server.url })
  })
  const target = realTarget('client_credentials', { login_url: server.url, client_id: 'id', client_secret: 'shh' })
  const destination = await openForTest({ type: 'salesforce', target })
  await expect(destination.write(request, NEVER)).rejects.toMatchObject({ code: 'E-CRM-AUTH', exitCode: 2 })
  expect(tokens).toBe(1)
  expect(destination.calls.writes).toBe(1)
})

test('a second 401 is the end: two requests, E-CRM-AUTH', async () => {
  const { destination } = await org({ accepts: () => false })
  await expect(destination.write(request, NEVER)).rejects.toMatchObject({ code: 'E-CRM-AUTH', exitCode: 2 })
  expect(server.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(2)
  expect(destination.calls.writes).toBe(2)
})

test('when renewing is refused, the reason is the token endpoint’s, without the secret', async () => {
  const { destination } = await org({
    accepts: () => false,
    tokenAnswer: (count) =>
      count === 1
        ? { status: 200, body: { access_token: 'token-1', instance_url: server.url } }
        : { status: 400, body: { error: 'invalid_client', error_description: 'shh is not the secret' } },
  })
  const failure = await destination.write(request, NEVER).then(undefined, (error: unknown) => error)
  expect(failure).toMatchObject({ code: 'E-CRM-AUTH' })
  expect(String(failure)).toContain('invalid_client')
  expect(String(failure)).not.toContain('shh')
})

test('a token endpoint that points elsewhere is not followed', async () => {
  const { destination } = await org({
    accepts: () => true,
    tokenAnswer: () => ({ status: 200, body: { access_token: 'token-1', instance_url: 'http://evil.example.com' } }),
  })
  await expect(destination.write(request, NEVER)).rejects.toMatchObject({ code: 'E-TGT-HOST' })
})

test('a login that failed is tried again by the next call', async () => {
  const { destination } = await org({
    accepts: () => true,
    tokenAnswer: (count) =>
      count === 1
        ? { status: 400, body: { error: 'inactive_user' } }
        : { status: 200, body: { access_token: 't', instance_url: server.url } },
  })
  await expect(destination.write(request, NEVER)).rejects.toMatchObject({ code: 'E-CRM-AUTH' })
  expect((await destination.write(request, NEVER)).outcomes[0]?.status).toBe('succeeded')
})

test('the address from the browser bar is refused with the one to write', async () => {
  server = await stubServer(() => {})
  const target = realTarget('access_token', { instance_url: 'https://acme.lightning.force.com', access_token: 't' })
  await expect(openForTest({ type: 'salesforce', target })).rejects.toMatchObject({
    code: 'E-TGT-HOST',
    problems: [{ help: expect.stringContaining('.my.salesforce.com') }],
  })
})

test('missing and unsupported settings are named before any request', async () => {
  server = await stubServer(() => {})
  const open = (auth: string, settings: Record<string, string>): Promise<Destination> =>
    openForTest({ type: 'salesforce', target: realTarget(auth, settings) })
  await expect(open('access_token', { instance_url: server.url })).rejects.toMatchObject({ code: 'E-CFG-MISSING' })
  await expect(open('jwt_bearer', { instance_url: server.url })).rejects.toMatchObject({ code: 'E-CFG-MISSING' })
  await expect(open('password', { instance_url: server.url })).rejects.toMatchObject({ code: 'E-CFG-AUTH' })
  await expect(
    open('access_token', { instance_url: server.url, access_token: 't', api_version: 'latest' }),
  ).rejects.toMatchObject({ code: 'E-CFG-TYPE' })
  expect(server.requests).toEqual([])
})
