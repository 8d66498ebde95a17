import { beforeEach, describe, expect, test } from 'vitest'
import { KEY, traced, upsertOf, useAccount, VERSIONS } from './hubspot-account.ts'

describe.each(VERSIONS)('%s', (version) => {
  const account = useAccount(version)
  const list = () => account.objects('companies')
  const path = account.path('objects', 'companies')
  const upsert = (key: string) =>
    account.objects('companies/batch/upsert', traced([upsertOf(key, KEY.name, { name: 'One' })]))
  beforeEach(() => account.control.putSchema('hubspot', 'companies', { properties: [KEY] }))

  test('case 61: the request beyond the burst is a 429 that names its policy', async () => {
    await account.control.putPolicies('hubspot', { limits: { burst: 100 } })
    const statuses: number[] = []
    for (let n = 0; n < 100; n += 1) statuses.push((await list()).status)
    expect(new Set(statuses)).toEqual(new Set([200]))
    const refused = await list()
    expect(refused.status).toBe(429)
    expect(refused.body).toMatchObject({ errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' })
    expect(refused.body).not.toHaveProperty('category')
    await account.control.advanceClock(10_000)
    expect((await list()).status).toBe(200)
  })

  test('case 61: the window rolls: a request leaves it ten seconds after it came', async () => {
    await account.control.putPolicies('hubspot', { limits: { burst: 2 } })
    await list()
    await account.control.advanceClock(8_000)
    await list()
    expect((await list()).status).toBe(429)
    await account.control.advanceClock(2_000)
    expect([(await list()).status, (await list()).status]).toEqual([200, 429])
  })

  test('case 62: the daily limit ends at midnight in the time zone of the account', async () => {
    await account.control.putPolicies('hubspot', {
      limits: { daily: 1_000, used_today: 999 },
      account: { time_zone: 'Asia/Kolkata' },
    })
    const last = await list()
    expect([last.status, last.headers.get('x-hubspot-ratelimit-daily-remaining')]).toEqual([200, '0'])
    const refused = await list()
    expect([refused.status, refused.body.policyName, refused.headers.get('retry-after')]).toEqual([429, 'DAILY', null])
    expect(refused.body.message).toBe('You have reached your daily limit.')
    const nowMs = Date.parse(await account.control.advanceClock(0))
    const kolkataMs = 5.5 * 3_600_000
    const midnightMs = (Math.floor((nowMs + kolkataMs) / 86_400_000) + 1) * 86_400_000 - kolkataMs
    const leftMs = midnightMs - nowMs
    if (leftMs > 60_000) {
      await account.control.advanceClock(leftMs - 30_000)
      expect((await list()).status).toBe(429)
    }
    await account.control.advanceClock(60_000)
    expect((await list()).status).toBe(200)
  })

  test('case 62: the account tells the calls of the day and when they begin anew', async () => {
    const limits = { daily: 1_000, used_today: 10 }
    await account.control.putPolicies('hubspot', { limits, account: { time_zone: 'America/New_York' } })
    const { body } = await account.call('GET', `/account-info/${version}/api-usage/daily/private-apps`)
    expect(body.results).toMatchObject([{ currentUsage: 11, usageLimit: 1_000, fetchStatus: 'SUCCESS' }])
    const midnight = new Date(body.results[0].resetsAt).toLocaleTimeString('en-GB', { timeZone: 'America/New_York' })
    expect(midnight).toBe('00:00:00')
  })

  test('case 63: a locked account answers 423 and applies nothing', async () => {
    await account.control.addFault({
      match: { crm: 'hubspot', path: `${path}/batch/`, nth: 1 },
      action: { status: 423 },
    })
    expect((await upsert('K1')).status).toBe(423)
    expect(await account.stored('companies')).toEqual([])
    expect((await upsert('K1')).status).toBe(200)
  })

  test('case 64: a migration answers 477 with Retry-After', async () => {
    await account.control.addFault({
      match: { crm: 'hubspot', path },
      action: { status: 477, headers: { 'Retry-After': '86400' } },
    })
    const answer = await list()
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([477, '86400'])
    expect(answer.body).toMatchObject({ status: 'error', correlationId: expect.any(String) })
  })

  test('case 65: a 200 says how many requests are left', async () => {
    await account.control.putPolicies('hubspot', { limits: { burst: 2, daily: 50 } })
    const remaining = async () => (await list()).headers
    const first = await remaining()
    expect([first.get('x-hubspot-ratelimit-max'), first.get('x-hubspot-ratelimit-remaining')]).toEqual(['2', '1'])
    expect(first.get('x-hubspot-ratelimit-interval-milliseconds')).toBe('10000')
    expect(first.get('x-hubspot-ratelimit-daily-remaining')).toBe('49')
    expect((await remaining()).get('x-hubspot-ratelimit-remaining')).toBe('0')
  })

  test('case 65: search says the daily pair only', async () => {
    const { headers } = await account.objects('companies/search', {})
    expect([headers.get('x-hubspot-ratelimit-daily'), headers.get('x-hubspot-ratelimit-max')]).toEqual([
      expect.any(String),
      null,
    ])
  })

  test('case 68: an answer lost after the upsert was applied: the same again finds the record', async () => {
    await account.control.addFault({
      match: { crm: 'hubspot', path: `${path}/batch/upsert`, nth: 1 },
      action: { drop_after_apply: true },
    })
    await expect(upsert('K1')).rejects.toThrow()
    expect(await account.stored('companies')).toHaveLength(1)
    const again = await upsert('K1')
    expect(again.body.results).toMatchObject([{ new: false }])
    expect(await account.stored('companies')).toHaveLength(1)
  })

  test('case 68: an answer lost after a create leaves a record that only a read by key shows', async () => {
    await account.control.addFault({
      match: { crm: 'hubspot', path: `${path}/batch/create`, nth: 1 },
      action: { drop_after_apply: true },
    })
    const create = () => account.objects('companies/batch/create', { inputs: [{ properties: { customer_id: 'K1' } }] })
    await expect(create()).rejects.toThrow()
    const read = { idProperty: KEY.name, inputs: [{ id: 'K1' }], properties: [] }
    expect((await account.objects('companies/batch/read', read)).body.results).toHaveLength(1)
    expect((await create()).body.errors[0].code).toBe('CONFLICTING_UNIQUE_VALUE')
  })

  test('case 69: a server that hangs applies what it was sent all the same', async () => {
    await account.control.addFault({
      match: { crm: 'hubspot', path: `${path}/batch/upsert`, nth: 1 },
      action: { delay_ms: 300 },
    })
    const startedMs = Date.now()
    expect((await upsert('K1')).status).toBe(200)
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(290)
    expect(await account.stored('companies')).toHaveLength(1)
  })
})
