import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { Destination, WriteRequest } from '../../../runner/destination/destination.ts'
import { HUBSPOT_TOKEN_ERRORS } from '../../../runner/destination/hubspot/hubspot-token-errors.ts'
import { type Ports, systemPorts } from '../../../runner/ports.ts'
import { impatientPorts, NEVER, openForTest, realTarget } from '../../support/open-for-test.ts'
import { json, type StubRequest, type StubServer, stubServer } from '../../support/stub-server.ts'

const TOKEN_PATH = '/oauth/2026-03/token'
const EXPIRED = {
  status: 'error',
  message: 'The OAuth token used to make this call expired',
  category: 'EXPIRED_AUTHENTICATION',
}
const request: WriteRequest = {
  object: 'companies',
  path: 'update',
  changes: [{ changeId: 'c1', body: '{"objectWriteTraceId":"c1","id":"7","properties":{"name":"x"}}' }],
}
const saved = { status: 'COMPLETE', results: [{ id: '7', objectWriteTraceId: 'c1', properties: { name: 'x' } }] }

const servers: StubServer[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

interface Portal {
  /** Tokens the account takes; the token endpoint hands out token-1, token-2, … */
  accepts: (token: string) => boolean
  lifeSeconds?: number
  tokenAnswer?: (count: number) => { status: number; body: unknown }
  ports?: Ports
}

interface Opened {
  destination: Destination
  requests: () => StubRequest[]
  tokenRequests: () => StubRequest[]
}

async function portal({ accepts, lifeSeconds = 1_800, tokenAnswer, ports = systemPorts() }: Portal): Promise<Opened> {
  let tokens = 0
  const server = await stubServer(async (incoming, out) => {
    if (incoming.path !== TOKEN_PATH) {
      const token = incoming.headers.authorization?.replace('Bearer ', '') ?? ''
      return accepts(token) ? json(out, 200, saved) : json(out, 401, EXPIRED)
    }
    tokens += 1
    const { status, body } = tokenAnswer?.(tokens) ?? {
      status: 200,
      body: { access_token: `token-${tokens}`, expires_in: lifeSeconds, token_type: 'bearer' },
    }
    // Long enough for every parallel call to be waiting for it.
    await wait(20)
    json(out, status, body)
  })
  servers.push(server)
  const settings = { base_url: server.url, client_id: 'id', client_secret: 'shh', refresh_token: 'refresh-1' }
  const destination = await openForTest({ type: 'hubspot', target: realTarget('refresh_token', settings), ports })
  const isToken = ({ path }: StubRequest): boolean => path === TOKEN_PATH
  return {
    destination,
    requests: () => server.requests.filter((one) => !isToken(one)),
    tokenRequests: () => server.requests.filter(isToken),
  }
}

const tenWrites = (destination: Destination): Promise<(string | undefined)[]> =>
  Promise.all(Array.from({ length: 10 }, async () => (await destination.write(request, NEVER)).outcomes[0]?.status))

describe('OAuth', () => {
  test('the token is fetched once for any number of parallel calls, by a form, and sent on each', async () => {
    const { destination, requests, tokenRequests } = await portal({ accepts: (token) => token === 'token-1' })
    expect(await tenWrites(destination)).toEqual(Array(10).fill('succeeded'))
    expect(tokenRequests()).toHaveLength(1)
    expect(requests()).toHaveLength(10)
    const [login] = tokenRequests()
    expect(login?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(Object.fromEntries(new URLSearchParams(login?.body))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'id',
      client_secret: 'shh',
      refresh_token: 'refresh-1',
    })
  })

  test('F41 a token that ends while ten calls are in flight is renewed once, each call replayed once, no row failed', async () => {
    const { destination, requests, tokenRequests } = await portal({ accepts: (token) => token === 'token-2' })
    expect(await tenWrites(destination)).toEqual(Array(10).fill('succeeded'))
    expect(tokenRequests()).toHaveLength(2)
    const attempts = requests()
    expect(attempts.filter(({ headers }) => headers.authorization === 'Bearer token-2')).toHaveLength(10)
    expect(attempts.length).toBeLessThanOrEqual(20)
  })

  test('a token is renewed before it ends', async () => {
    const ports = systemPorts()
    let nowMs = 0
    const clock = { ...ports.clock, monotonicMs: () => nowMs }
    const { destination, requests, tokenRequests } = await portal({
      accepts: () => true,
      ports: { ...ports, clock },
    })
    await destination.write(request, NEVER)
    nowMs = 1_700_000
    await destination.write(request, NEVER)
    expect(tokenRequests()).toHaveLength(1)
    nowMs = 1_745_000
    await destination.write(request, NEVER)
    expect(tokenRequests()).toHaveLength(2)
    expect(requests().map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-2',
    ])
  })

  test('a second 401 ends it: one replay, then the credentials are refused', async () => {
    const { destination, requests } = await portal({ accepts: () => false })
    await expect(destination.write(request, NEVER)).rejects.toMatchObject({ code: 'E-CRM-AUTH', exitCode: 2 })
    expect(requests()).toHaveLength(2)
  })

  test('a new refresh token takes the place of the old one', async () => {
    const body = { access_token: 'token', expires_in: 1_800, refresh_token: 'refresh-2' }
    const { destination, tokenRequests } = await portal({
      accepts: () => false,
      tokenAnswer: () => ({ status: 200, body }),
    })
    await destination.write(request, NEVER).catch(() => {})
    expect(tokenRequests().map((one) => new URLSearchParams(one.body).get('refresh_token'))).toEqual([
      'refresh-1',
      'refresh-2',
    ])
  })

  test.each([
    ['OAuth', { error: 'invalid_grant', error_description: 'refresh token shh-1 is unknown' }],
    ['HubSpot', { status: 'BAD_REFRESH_TOKEN', message: 'missing or unknown refresh token shh-1' }],
  ])('a revoked grant is fatal, says what to do and nothing of the token: by %s', async (_, body) => {
    const { destination, requests } = await portal({ accepts: () => true, tokenAnswer: () => ({ status: 400, body }) })
    const failure = await destination.write(request, NEVER).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'E-CRM-AUTH', exitCode: 2 })
    const text = JSON.stringify(Object(failure).problems)
    expect(text).toContain('install the app in the account again')
    expect(text).not.toContain('shh')
    expect(requests()).toHaveLength(0)
  })

  test('a token endpoint that is down is an outage, not a wrong login', async () => {
    const { destination } = await portal({ accepts: () => true, tokenAnswer: () => ({ status: 503, body: {} }) })
    await expect(destination.write(request, NEVER)).rejects.toMatchObject({ code: 'E-CRM-UNAVAILABLE', exitCode: 75 })
  })

  test('a failed login is forgotten: the next call tries again', async () => {
    const good = { access_token: 'token', expires_in: 1_800 }
    const { destination } = await portal({
      accepts: () => true,
      tokenAnswer: (count) => (count === 1 ? { status: 503, body: {} } : { status: 200, body: good }),
    })
    await destination.write(request, NEVER).catch(() => {})
    expect((await destination.write(request, NEVER)).outcomes[0]?.status).toBe('succeeded')
  })

  test('every error of the table says what to do', () => {
    for (const { error, means, help } of HUBSPOT_TOKEN_ERRORS) expect(means && help, error).toBeTruthy()
  })

  test('a daily budget that HubSpot would not tell about is refused', async () => {
    const settings = { base_url: 'http://127.0.0.1:9', client_id: 'id', client_secret: 'shh', refresh_token: 'r' }
    const { openDestination } = await import('../../../runner/destination/registry.ts')
    const target = realTarget('refresh_token', settings)
    const at = { file: 'project.yml', line: 1, column: 1 }
    const opening = openDestination({
      connection: { name: 'crm', type: 'hubspot', targets: new Map([['test', target]]), at },
      target,
      limits: { concurrency: 1, dailyApiBudget: { percent: 80 } },
      ports: systemPorts(),
      clientTag: 'backfeed/0.1.0',
    })
    await expect(opening).rejects.toMatchObject({ code: 'E-CFG-UNSUPPORTED' })
  })
})

describe('service key or private app', () => {
  test('cannot be renewed: a 401 is the end of it, after one request', async () => {
    const server = await stubServer((_, out) => json(out, 401, EXPIRED))
    servers.push(server)
    const target = realTarget('access_token', { base_url: server.url, access_token: 'pat-na1-1' })
    const destination = await openForTest({ type: 'hubspot', target })
    const failure = await destination.write(request, NEVER).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'E-CRM-AUTH' })
    expect(JSON.stringify(Object(failure).problems)).not.toContain('pat-na1-1')
    expect(server.requests).toHaveLength(1)
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer pat-na1-1',
      'user-agent': 'backfeed/0.1.0',
    })
  })
})

test('two connections in one process: neither has the token, the pace or the failures of the other', async () => {
  const open = async (token: string, status: number): Promise<{ destination: Destination; server: StubServer }> => {
    const server = await stubServer((_, out) => (status === 200 ? json(out, 200, saved) : json(out, status, {})))
    servers.push(server)
    const target = realTarget('access_token', { base_url: server.url, access_token: token })
    return { destination: await openForTest({ type: 'hubspot', target, ports: impatientPorts() }), server }
  }
  const down = await open('token-a', 503)
  const busy = await open('token-b', 429)
  const fine = await open('token-c', 200)
  const writes = [down, busy, fine, down, fine].map(({ destination }) => destination.write(request, NEVER))
  const outcomes = (await Promise.all(writes)).map((result) => result.outcomes[0]?.status)
  expect(outcomes).toEqual(['unknown', 'retryable', 'succeeded', 'unknown', 'succeeded'])
  // Opened last, and it is not what the others are now like; nothing was repeated behind our back.
  expect([down, busy, fine].map(({ server }) => server.requests.length)).toEqual([2, 1, 2])
  for (const [{ server }, token] of [
    [down, 'token-a'],
    [busy, 'token-b'],
    [fine, 'token-c'],
  ] as const) {
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${token}`]))
  }
})
