import { afterEach, describe, expect, test } from 'vitest'
import type { Destination, Outcome, WriteRequest } from '../../../runner/destination/destination.ts'
import { nextMidnightMs } from '../../../runner/destination/hubspot/quota-day.ts'
import { openDestination } from '../../../runner/destination/registry.ts'
import { type Ports, systemPorts } from '../../../runner/ports.ts'
import type { Limit } from '../../../runner/project/project.ts'
import { NEVER, realTarget } from '../../support/open-for-test.ts'
import { json, type StubRequest, type StubServer, stubServer } from '../../support/stub-server.ts'

const NOW = Date.parse('2026-11-22T20:00:00Z')
const request: WriteRequest = {
  object: 'companies',
  path: 'update',
  changes: [{ changeId: 'c1', body: '{"objectWriteTraceId":"c1","id":"7","properties":{"name":"x"}}' }],
}
const saved = { status: 'COMPLETE', results: [{ id: '7', objectWriteTraceId: 'c1', properties: { name: 'x' } }] }
const account = { portalId: 12, accountType: 'STANDARD', timeZone: 'America/New_York' }

let server: StubServer | undefined
afterEach(() => server?.close())

interface Answer {
  status?: number
  headers?: Record<string, string>
  body?: unknown
}

/** Waits take no time; each is written down. */
function recordingPorts(): { ports: Ports; waits: number[] } {
  const ports = systemPorts()
  const waits: number[] = []
  let passedMs = 0
  const clock: Ports['clock'] = {
    nowMs: () => NOW,
    monotonicMs: () => performance.now() + passedMs,
    sleep: (ms, signal) => {
      // Deadlines wait too, and are given up.
      if (signal !== NEVER)
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      waits.push(ms)
      passedMs += ms
      return Promise.resolve()
    },
  }
  return { ports: { ...ports, clock }, waits }
}

interface Opened {
  destination: Destination
  waits: number[]
  server: StubServer
}

async function open(answer: (request: StubRequest, count: number) => Answer, budget?: Limit): Promise<Opened> {
  const { ports, waits } = recordingPorts()
  const stub = await stubServer((incoming, out) => {
    const { status = 200, headers = {}, body = saved } = answer(incoming, stub.requests.length)
    if (incoming.path.endsWith('/details')) return json(out, 200, account, headers)
    json(out, status, body, headers)
  })
  server = stub
  const target = realTarget('access_token', { base_url: stub.url, access_token: 't' })
  const destination = await openDestination({
    connection: { name: 'crm', type: 'hubspot', targets: new Map(), at: { file: 'project.yml', line: 1, column: 1 } },
    target,
    limits: { concurrency: 2, ...(budget && { dailyApiBudget: budget }) },
    ports,
    clientTag: 'backfeed/0.1.0',
  })
  return { destination, waits, server: stub }
}

const write = async (destination: Destination): Promise<Outcome | undefined> =>
  (await destination.write(request, NEVER)).outcomes[0]

const daily = (left: number): Record<string, string> => ({
  'X-HubSpot-RateLimit-Daily': '1000',
  'X-HubSpot-RateLimit-Daily-Remaining': String(left),
})

describe('the window', () => {
  test('nothing left of it: the next request waits for it, and no longer', async () => {
    const left = { 'X-HubSpot-RateLimit-Max': '190', 'X-HubSpot-RateLimit-Interval-Milliseconds': '10000' }
    const { destination, waits } = await open(() => ({ headers: { ...left, 'X-HubSpot-RateLimit-Remaining': '0' } }))
    await write(destination)
    expect(waits).toEqual([])
    await write(destination)
    expect(waits).toHaveLength(1)
    expect(waits[0]).toBeGreaterThan(9_000)
    expect(waits[0]).toBeLessThanOrEqual(10_250)
  })

  test('too many within ten seconds: nothing is sent for so long, whoever waits', async () => {
    const body = {
      status: 'error',
      message: 'You have reached your ten_secondly_rolling limit.',
      policyName: 'TEN_SECONDLY_ROLLING',
    }
    const { destination, waits } = await open((_, count) => (count === 1 ? { status: 429, body } : {}))
    expect(await write(destination)).toMatchObject({ status: 'retryable', code: 'RATE_LIMITS', retryAfterMs: 10_000 })
    expect(await write(destination)).toMatchObject({ status: 'succeeded' })
    expect(waits[0]).toBeGreaterThan(9_000)
  })
})

describe('the day', () => {
  test('used up: the row waits, and the reason says until when, in the time zone of the account', async () => {
    const body = {
      status: 'error',
      message: 'You have reached your daily limit.',
      errorType: 'RATE_LIMIT',
      policyName: 'DAILY',
    }
    const { destination } = await open(({ method }) => (method === 'GET' ? {} : { status: 429, body }))
    await destination.identify(NEVER)
    expect(await write(destination)).toEqual({
      changeId: 'c1',
      status: 'retryable',
      code: 'E-CRM-QUOTA',
      stops: 'later',
      reason:
        'the calls of the day are used up: You have reached your daily limit.; run again after 2026-11-23T05:00:00Z, midnight in America/New_York',
      retryAfterMs: 9 * 3_600_000,
    })
  })

  test('477: the run ends and says when HubSpot may be asked again; nobody sleeps for a day', async () => {
    const { destination, waits } = await open(() => ({ status: 477, body: {}, headers: { 'Retry-After': '86400' } }))
    expect(await write(destination)).toEqual({
      changeId: 'c1',
      status: 'retryable',
      code: 'MIGRATION',
      stops: 'later',
      reason: 'HubSpot is moving the account to another place; run again after 2026-11-23T20:00:00Z',
      retryAfterMs: 86_400_000,
    })
    expect(waits).toEqual([])
  })

  test('a read that meets it ends the same way, at once', async () => {
    const { destination, waits } = await open(({ path }) =>
      path.includes('/properties/') ? { status: 477, body: {}, headers: { 'Retry-After': '86400' } } : {},
    )
    await expect(destination.describe('companies', NEVER)).rejects.toMatchObject({
      code: 'E-CRM-LATER',
      exitCode: 75,
      problems: [{ help: expect.stringContaining('2026-11-23T20:00:00Z') }],
    })
    expect(waits).toEqual([])
  })

  test('a budget keeps the rest of the day for others: the call beyond it is not made', async () => {
    const { destination, server: stub } = await open(() => ({ headers: daily(201) }), { percent: 80 })
    await destination.identify(NEVER)
    expect(await destination.usage(NEVER)).toEqual({ used: 799, max: 1000, allowed: 800, remaining: 1 })
    const results = await Promise.allSettled([write(destination), write(destination)])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(results[1]).toMatchObject({
      reason: {
        code: 'E-CRM-QUOTA',
        exitCode: 75,
        problems: [{ help: expect.stringContaining('after 2026-11-23T05:00:00Z') }],
      },
    })
    expect(stub.requests).toHaveLength(2)
  })

  test('where no answer tells the day, the account is asked', async () => {
    const row = { name: 'private-apps-api-calls-daily', currentUsage: 400, usageLimit: 1000, fetchStatus: 'SUCCESS' }
    const { destination, server: stub } = await open(({ path }) =>
      path.includes('/api-usage/') ? { body: { results: [row] } } : {},
    )
    expect(await destination.usage(NEVER)).toMatchObject({ used: 400, max: 1000 })
    expect(stub.requests.map(({ path }) => path)).toEqual(['/account-info/2026-09/api-usage/daily/private-apps'])
  })

  test('an app that may not ask has no usage', async () => {
    const body = { status: 'error', message: 'no', category: 'OBJECT_NOT_FOUND' }
    const { destination } = await open(() => ({ status: 404, body }))
    expect(await destination.usage(NEVER)).toBeUndefined()
  })
})

test('a lock is waited for at least two seconds, whatever it asks for', async () => {
  const { destination } = await open(() => ({ status: 423, body: {}, headers: { 'Retry-After': '0' } }))
  expect(await write(destination)).toMatchObject({ status: 'retryable', code: 'LOCKED', retryAfterMs: 2_000 })
})

test.each([
  ['2026-11-22T20:00:00Z', 'UTC', '2026-11-23T00:00:00Z'],
  ['2026-11-22T20:00:00Z', 'America/New_York', '2026-11-23T05:00:00Z'],
  ['2026-11-22T20:00:00Z', 'Pacific/Auckland', '2026-11-23T11:00:00Z'],
  ['2026-11-22T05:00:00Z', 'America/New_York', '2026-11-23T05:00:00Z'],
  ['2026-11-01T04:30:00Z', 'America/New_York', '2026-11-02T05:00:00Z'],
  ['2026-03-08T05:30:00Z', 'America/New_York', '2026-03-09T04:00:00Z'],
  ['2026-11-22T20:00:00Z', 'Asia/Kolkata', '2026-11-23T18:30:00Z'],
  ['2026-11-22T20:00:00Z', 'Nowhere/Land', '2026-11-23T00:00:00Z'],
])('midnight after %s in %s', (now, zone, expected) => {
  expect(new Date(nextMidnightMs(Date.parse(now), zone)).toISOString()).toBe(expected.replace('Z', '.000Z'))
})
