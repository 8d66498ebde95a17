import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Destination, WriteRequest } from '../../../runner/destination/destination.ts'
import { openDestination } from '../../../runner/destination/registry.ts'
import { type Clock, systemPorts } from '../../../runner/ports.ts'
import { onlyByRequest } from '../../../runner/project/only-by-request.ts'
import type { Limit } from '../../../runner/project/project.ts'
import { startTestEmulator, type TestEmulator } from '../../support/emulator.ts'
import { NEVER, realTarget } from '../../support/open-for-test.ts'

let emulator: TestEmulator
let clock: Clock
beforeEach(async () => {
  emulator = await startTestEmulator()
  clock = impatientClock()
})
afterEach(() => emulator.close())

const DEADLINE_MS = 100_000

/** Real time, in which waits of the pace take none; deadlines of calls stay deadlines. */
function impatientClock(): Clock {
  const real = systemPorts().clock
  let skippedMs = 0
  return {
    nowMs: () => real.nowMs() + skippedMs,
    monotonicMs: () => real.monotonicMs() + skippedMs,
    sleep: async (ms, signal) => {
      if (ms > DEADLINE_MS) return real.sleep(ms, signal)
      skippedMs += ms
    },
  }
}

interface Opening {
  concurrency?: number
  dailyApiBudget?: Limit
  settings?: Record<string, string>
}

function open({ concurrency = 1, dailyApiBudget, settings = {} }: Opening = {}): Promise<Destination> {
  const target = realTarget('access_token', { instance_url: emulator.url, access_token: 't', ...settings })
  return openDestination({
    connection: {
      name: 'crm',
      type: 'salesforce',
      targets: new Map(),
      at: { file: 'project.yml', line: 1, column: 1 },
    },
    target,
    limits: { concurrency, ...(dailyApiBudget && { dailyApiBudget }) },
    ports: { ...systemPorts(), clock },
    clientTag: 'backfeed/0.1.0',
  })
}

const create = (name: string): WriteRequest => ({
  object: 'Account',
  path: 'create',
  changes: [{ changeId: name, body: JSON.stringify({ attributes: { type: 'Account' }, Name: name }) }],
})

describe('the API version', () => {
  test.each([
    ['99.0', 'has no API version 99.0; it has '],
    ['58.0', 'has no API version 58.0; it has '],
  ])('%s is refused with the versions there are', async (api_version, said) => {
    const identifying = (await open({ settings: { api_version } })).identify(NEVER)
    await expect(identifying).rejects.toMatchObject({
      code: 'E-CRM-VERSION',
      exitCode: 2,
      message: expect.stringContaining(said),
    })
  })

  test('that the org has is used for every call', async () => {
    const destination = await open({ settings: { api_version: '64' } })
    expect(await destination.identify(NEVER)).toMatchObject({ apiVersion: '64.0' })
    const paths = (await emulator.control.journal()).map(({ path }) => path)
    expect(paths[0]).toBe('/services/data')
    expect(paths.slice(1).every((path) => path.startsWith('/services/data/v64.0/'))).toBe(true)
  })

  test('retired while the run goes on: 410 ends reads with the setting to change', async () => {
    const destination = await open()
    await destination.identify(NEVER)
    await emulator.control.addFault([{ match: { crm: 'salesforce' }, action: { status: 410, body: [] } }])
    await expect(destination.describe('Account', NEVER)).rejects.toMatchObject({
      code: 'E-CRM-VERSION',
      problems: [{ help: expect.stringContaining('api_version') }],
    })
    const { outcomes } = await destination.write(create('a'), NEVER)
    expect(outcomes[0]).toMatchObject({ status: 'retryable', code: 'HTTP_410', stops: 'access' })
  })
})

test('an API version that is too old for the writes is refused before any request', async () => {
  await expect(open({ settings: { api_version: '45.0' } })).rejects.toMatchObject({ code: 'E-CFG-VALUE', exitCode: 2 })
  expect(await emulator.control.journal()).toEqual([])
})

describe("the org's calls", () => {
  test('are known from every answer, and from /limits when there was none', async () => {
    await emulator.control.putPolicies('salesforce', {
      limits: { daily_api_requests: 1000, used: 10, per_app: { name: 'x', max: 5 } },
    })
    const destination = await open()
    expect(await destination.usage(NEVER)).toMatchObject({ max: 1000, used: 11, allowed: 800, remaining: 789 })
    await destination.describe('Account', NEVER)
    expect(await destination.usage(NEVER)).toMatchObject({ used: 12 })
  })

  test('a used-up day stops reads and writes with exit code 75; nothing is applied', async () => {
    const destination = await open({ dailyApiBudget: { percent: 100 } })
    await destination.identify(NEVER)
    await emulator.control.putPolicies('salesforce', { limits: { daily_api_requests: 1000, used: 1000 } })
    await expect(destination.describe('Account', NEVER)).rejects.toMatchObject({
      code: 'E-CRM-QUOTA',
      exitCode: 75,
      message: expect.stringContaining('1000 of 1000 API calls of the last 24 hours'),
    })
    const { outcomes } = await destination.write(create('a'), NEVER)
    expect(outcomes[0]).toMatchObject({ status: 'retryable', code: 'E-CRM-QUOTA', stops: 'later' })
    expect(await emulator.control.records('salesforce', 'Account')).toEqual([])
  })

  test('within a budget: parallel calls together never go beyond it', async () => {
    const destination = await open({ concurrency: 8, dailyApiBudget: { count: 15 } })
    await destination.identify(NEVER)
    await emulator.control.putPolicies('salesforce', { limits: { daily_api_requests: 100, used: 9 } })
    await destination.describe('Account', NEVER)
    const writes = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => destination.write(create(`n${index}`), NEVER)),
    )
    const refused = writes.flatMap((write) => (write.status === 'rejected' ? [write.reason] : []))
    expect(refused).toHaveLength(7)
    for (const reason of refused) expect(reason).toMatchObject({ code: 'E-CRM-QUOTA', exitCode: 75 })
    expect(await emulator.control.records('salesforce', 'Account')).toHaveLength(5)
    expect(await destination.usage(NEVER)).toEqual({ used: 15, max: 100, allowed: 15, remaining: 0 })
  })

  test('too many long requests at once: reads wait half a minute and go on, writes are told to', async () => {
    const destination = await open({ concurrency: 4 })
    await destination.identify(NEVER)
    const before = clock.monotonicMs()
    await emulator.control.putPolicies('salesforce', { limits: { concurrent_refusals: 1 } })
    expect((await destination.describe('Account', NEVER)).length).toBeGreaterThan(0)
    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(30_000)
    await emulator.control.putPolicies('salesforce', { limits: { concurrent_refusals: 1 } })
    // The wait counts from the answer, which comes some real milliseconds before the caller sees it.
    const waitedFrom = clock.monotonicMs()
    const { outcomes } = await destination.write(create('a'), NEVER)
    expect(outcomes[0]).toEqual({
      changeId: 'a',
      status: 'retryable',
      code: 'REQUEST_LIMIT_EXCEEDED',
      retryAfterMs: 30_000,
      reason: expect.stringContaining('Concurrent'),
    })
    expect((await destination.write(create('b'), NEVER)).outcomes[0]?.status).toBe('succeeded')
    expect(clock.monotonicMs() - waitedFrom).toBeGreaterThanOrEqual(30_000)
  })
})

describe('what a write says beside its values', () => {
  const headersOf = async (options?: WriteRequest['options']): Promise<Record<string, unknown>> => {
    const destination = await open()
    await emulator.control.clearJournal()
    await destination.write({ ...create('a'), ...(options && { options }) }, NEVER)
    const [entry] = await emulator.control.journal()
    return { ...entry?.headers }
  }

  test('by default no assignment rule, and nothing that overrides a duplicate rule', async () => {
    const headers = await headersOf()
    expect(headers).toMatchObject({ 'sforce-auto-assign': 'FALSE', 'sforce-call-options': 'client=backfeed/0.1.0' })
    expect(headers).not.toHaveProperty('sforce-duplicate-rule-header')
  })

  test('as the sync chose', async () => {
    expect(await headersOf({ assignmentRule: '01Q000000000001', duplicateRule: { allowSave: true } })).toMatchObject({
      'sforce-auto-assign': '01Q000000000001',
      'sforce-duplicate-rule-header': 'allowSave=true; includeRecordDetails=false; runAsCurrentUser=false',
    })
    expect(await headersOf({ assignmentRule: 'active', duplicateRule: { asCurrentUser: true } })).toMatchObject({
      'sforce-auto-assign': 'TRUE',
      'sforce-duplicate-rule-header': 'allowSave=false; includeRecordDetails=false; runAsCurrentUser=true',
    })
  })

  test('a duplicate rule holds the row back with the ids it matched; allow_save lets it pass', async () => {
    const rule = { name: 'Same_Name', action: 'alert', match: ['Name'] }
    const [existing] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'Twin Ltd' }])
    await emulator.control.putPolicies('salesforce', { objects: { Account: { duplicate_rules: [rule] } } })
    const destination = await open()
    const [refused] = (await destination.write(create('Twin Ltd'), NEVER)).outcomes
    expect(refused).toMatchObject({
      status: 'rejected',
      code: 'DUPLICATES_DETECTED',
      reason: expect.stringContaining(String(existing)),
    })
    expect(JSON.stringify(refused?.status === 'rejected' ? refused.reason : '')).not.toContain('Twin')
    const options = { duplicateRule: { allowSave: true } }
    expect((await destination.write({ ...create('Twin Ltd'), options }, NEVER)).outcomes[0]?.status).toBe('succeeded')
  })
})

test.each<[Parameters<typeof onlyByRequest>[0]['writeOptions'], string | undefined]>([
  [undefined, undefined],
  [{ assignmentRule: 'none' }, undefined],
  [{ assignmentRule: 'active' }, 'assignment_rule'],
  [{ duplicateRule: { allowSave: true } }, 'duplicate_rule'],
])('what only a request can carry keeps a sync from jobs: %j', (writeOptions, key) => {
  expect(onlyByRequest(writeOptions === undefined ? {} : { writeOptions })).toBe(key)
})
