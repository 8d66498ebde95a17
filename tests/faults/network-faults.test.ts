/** What may go wrong between the runner and a CRM, by the proxy: after it, one run without faults, and the witness. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { json, type StubServer, stubServer } from '../support/stub-server.ts'
import { type CrashStory, openStory } from './support/crash-story.ts'
import type { FaultAction } from './support/fault-actions.ts'
import type { FaultRule } from './support/fault-proxy.ts'
import { isFull } from './support/full-mode.ts'
import { HOUR, openProcessLab, type ProcessLab } from './support/process-lab.ts'
import { runUntilSettled } from './support/run-until-settled.ts'
import type { RunnerOptions } from './support/runner-process.ts'
import { LEGS, type LegName } from './support/sync-leg.ts'
import { brokenInvariants } from './support/witness.ts'

const WRITES: Readonly<Record<LegName, FaultRule['match']>> = {
  collections: { path: /\/composite\/sobjects/, method: 'PATCH' },
  bulk: { path: /\/jobs\/ingest\/.*\/batches/, method: 'PUT' },
  hubspot: { path: /\/batch\/(upsert|update|create)$/, method: 'POST' },
}

interface Case {
  name: string
  action: FaultAction
  /** Which write request; absent: each of them. */
  nth?: number
  /** Exit codes that the run with the fault may have. */
  exits: readonly number[]
  options?: RunnerOptions
}

/** In the short run each case meets one of the two CRMs, in turn. */
const LEG_NAMES = ['collections', 'hubspot'] as const

function inTurn<T>(legName: (typeof LEG_NAMES)[number], cases: readonly T[]): T[] {
  return cases.filter((_, index) => isFull() || LEG_NAMES[index % LEG_NAMES.length] === legName)
}

const html = { headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' }
/** Deadlines of requests are sleeps too. */
const impatient: RunnerOptions = { longestSleepMs: 2_500 }

const LOST: readonly Case[] = [
  { name: 'F26 the answer to an update is lost after it was applied', action: { kind: 'drop-response-after-apply' }, nth: 1, exits: [5] },
  { name: 'F27 the answer to a create by key is lost after it was applied', action: { kind: 'drop-response-after-apply' }, nth: 4, exits: [5] },
  { name: 'F30 the connection is reset before the request arrives', action: { kind: 'reset-before' }, nth: 2, exits: [0, 5] },
  { name: 'F31 the answer is cut short', action: { kind: 'truncate', bytes: 20 }, nth: 2, exits: [5], options: impatient },
  { name: 'F32 the answer has one result too few', action: { kind: 'corrupt-json', how: 'pop' }, nth: 2, exits: [5] },
  { name: 'F33 a proxy answers 200 with a login page', action: { kind: 'status', status: 200, ...html }, nth: 2, exits: [5] },
  { name: 'F33 a login page after the request was applied', action: { kind: 'status', status: 200, ...html, applied: true }, nth: 3, exits: [5] },
  { name: 'F34 a request is delivered twice', action: { kind: 'duplicate-delivery' }, exits: [0] },
  { name: 'F36 500 in place of an answer, applied all the same', action: { kind: 'status', status: 500, applied: true }, nth: 2, exits: [5] },
  { name: 'F39 429 without Retry-After, twice', action: { kind: 'status', status: 429 }, nth: 1, exits: [0] },
  { name: 'F47 a request that never gets an answer', action: { kind: 'blackhole', applied: true }, nth: 1, exits: [5], options: impatient },
  { name: 'F48 an answer of a few bytes a second', action: { kind: 'slow-drip', bytesPerSecond: 20 }, nth: 2, exits: [5], options: impatient },
] // biome-ignore format: one case per line

/** The first two are in the short run. */
const DEAF = [
  ['F63 standard output that nobody reads any more', 'exec > >(:)'],
  ['F63 a full disk under the log', 'exec 2> /dev/full'],
  ['F63 standard output that is read up to its first byte', 'exec > >(head -c 1)'],
  ['F63 a log that nobody reads any more', 'exec 2> >(:)'],
  ['F63 a full disk under standard output', 'exec > /dev/full'],
] as const

const REDIRECTED = [
  ['F84 of a write, to the same host', '127.0.0.1', 'write'],
  ['F84 of a read, to another host', 'localhost', 'read'],
  ['F84 of a write, to another host', 'localhost', 'write'],
  ['F84 of a read, to the same host', '127.0.0.1', 'read'],
] as const

describe.each(LEG_NAMES)('%s: faults on the way of a write', (legName) => {
  let lab: ProcessLab
  let story: CrashStory
  beforeAll(async () => {
    lab = await openProcessLab({ warehouse: 'duckdb' })
    story = await openStory(lab, LEGS[legName])
  })
  afterAll(() => lab?.close())
  beforeEach(async () => {
    lab.proxy.clear()
    await story.nextChapter()
  })

  const settled = async (): Promise<void> => {
    lab.proxy.clear()
    await runUntilSettled(lab, story.expected())
  }

  test.each(inTurn(legName, LOST).map((one) => [one.name, one] as const))(
    '%s',
    async (_, { action, nth, exits, options }) => {
      lab.proxy.add({ match: { ...WRITES[legName], ...(nth === undefined ? {} : { nth }) }, action })
      const run = await lab.run(['run', '--output', 'json'], options)
      expect(exits, run.stderr).toContain(run.code)
      const { planned, succeeded, rejected, retryable, unknown, held } = run.json
      expect(Number(succeeded) + Number(rejected) + Number(retryable) + Number(unknown) + Number(held)).toBe(planned)
      expect(lab.proxy.seen.some(({ fault }) => fault === action.kind)).toBe(true)
      await settled()
    },
  )

  test.runIf(isFull())('F36 a storm of 500, some of them after the request was applied', async () => {
    const rules = [1, 2, 4].map((nth) => ({
      match: { ...WRITES[legName], nth },
      action: { kind: 'status' as const, status: 500, applied: nth % 2 === 0 },
    }))
    lab.proxy.add(...rules)
    const run = await lab.run(['run', '--output', 'json'])
    expect([1, 5, 75], run.stderr).toContain(run.code)
    await settled()
  })

  test.runIf(isFull() || legName === 'hubspot')('F38 429 with Retry-After: waited for, and no row fails', async () => {
    const action = { kind: 'status', status: 429, headers: { 'retry-after': '1' } } as const
    lab.proxy.add(...[1, 3].map((nth) => ({ match: { ...WRITES[legName], nth }, action })))
    const startedMs = performance.now()
    const run = await lab.run(['run', '--output', 'json'], { hurryBelowMs: 0 })
    expect(run, run.stderr).toMatchObject({ code: 0, json: { rejected: 0, unknown: 0 } })
    expect(performance.now() - startedMs).toBeGreaterThan(2_000)
    await settled()
  })

  test.each(isFull() ? DEAF : inTurn(legName, DEAF.slice(0, 2)))('%s stops nothing', async (_, shell) => {
    const run = await lab.run(['run', '--output', 'json', '--log-format', 'json'], { shipped: true, shell })
    expect(run.code, run.stderr).toBe(0)
    expect(run.stderr).not.toMatch(/EPIPE|ENOSPC|\n +at /)
    await settled()
  })

  // In the short run by tests/conformance/clock-skew.test.ts alone.
  test.runIf(isFull())(
    'F66 a clock an hour behind, then one an hour ahead, change neither order nor lease',
    async () => {
      expect((await lab.run(['run'], { clockSkewMs: -HOUR })).code).toBe(0)
      expect(await brokenInvariants(lab, story.expected())).toEqual([])
      await story.nextChapter()
      expect((await lab.run(['run'], { crashAt: 'CP11', clockSkewMs: HOUR })).signal).toBe('SIGKILL')
      expect((await lab.run(['run'], { clockSkewMs: 3 * HOUR })).code).toBe(6)
      await lab.expireLeases()
      await runUntilSettled(lab, story.expected())
    },
  )

  describe('a redirect', () => {
    let elsewhere: StubServer
    beforeAll(async () => {
      elsewhere = await stubServer((_, out) => json(out, 200, []))
    })
    afterAll(() => elsewhere.close())

    test.each(isFull() ? REDIRECTED : inTurn(legName, REDIRECTED.slice(0, 2)))(
      '%s name: neither rows nor a token go there',
      async (_, host, way) => {
        const to = `http://${host}:${new URL(elsewhere.url).port}/taken`
        lab.proxy.add({ match: way === 'write' ? WRITES[legName] : {}, action: { kind: 'redirect', to } })
        const run = await lab.run(['run', '--output', 'json'])
        expect(run.code).not.toBe(0)
        expect(
          elsewhere.requests.filter(({ headers, body }) => headers.authorization !== undefined || body !== ''),
        ).toEqual([])
        await settled()
      },
    )
  })
})
