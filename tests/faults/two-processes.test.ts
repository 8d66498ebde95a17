/** Two real runners, pauses longer than the lease, and signals. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findPostgres } from '../support/postgres-server.ts'
import type { TestWarehouseName } from '../support/warehouses.ts'
import { type CrashStory, openStory } from './support/crash-story.ts'
import { isFull } from './support/full-mode.ts'
import { HOUR, openProcessLab, type ProcessLab } from './support/process-lab.ts'
import { runUntilSettled } from './support/run-until-settled.ts'
import { LEGS } from './support/sync-leg.ts'

const WRITE = { method: 'PATCH', path: /\/composite\/sobjects/ }
const POSTGRES: readonly TestWarehouseName[] = findPostgres() === undefined ? [] : ['postgres']

let lab: ProcessLab
let story: CrashStory
async function open(warehouse: TestWarehouseName): Promise<void> {
  lab = await openProcessLab({ warehouse })
  story = await openStory(lab, LEGS.collections)
}
const settled = async (): Promise<void> => {
  lab.proxy.clear()
  await lab.expireLeases()
  await runUntilSettled(lab, story.expected())
}

describe.each(POSTGRES)('two runners on %s', (warehouse) => {
  beforeAll(() => open(warehouse))
  afterAll(() => lab.close())
  beforeEach(() => story.nextChapter())

  // The runner's own clock must see the pause, so it is a real one: minutes, in the full run only.
  test.skipIf(!isFull())(
    'F49 a runner that sleeps longer than its lease sends nothing more, and the other one finishes',
    async () => {
      const sleeper = await lab.start(['run', '--output', 'json'], { stopAt: 'CP09', stopNth: 2 })
      await expect.poll(() => stateOf(sleeper.pid), { timeout: 60_000, interval: 100 }).toBe('T')
      await new Promise((resolve) => setTimeout(resolve, 130_000))
      const other = await lab.run(['run', '--output', 'json'], { clockSkewMs: HOUR })
      // The window that was announced may still be on its way: its rows wait.
      expect([0, 5], other.stderr).toContain(other.code)
      const before = await lab.writeCount()
      sleeper.kill('SIGCONT')
      const late = await sleeper.ended
      // One request was past its look at the lease when the process fell asleep; the window after it finds the lease gone.
      expect(late.code, late.stderr).not.toBe(0)
      expect((await lab.writeCount()) - before).toBeLessThanOrEqual(1)
      await settled()
    },
  )

  test('F52 two at once: one works, the other is told who does', async () => {
    lab.proxy.add({ match: { ...WRITE, nth: 1 }, action: { kind: 'hold-until-told', applied: 'after' } })
    const firing = lab.proxy.fired()
    const first = await lab.start(['run', '--output', 'json'])
    await firing
    const second = await lab.run(['run', '--output', 'json'])
    expect(second, second.stderr).toMatchObject({ code: 6 })
    expect(JSON.stringify(second.json)).toContain('E-RUN-BUSY')
    lab.proxy.release()
    expect((await first.ended).code).toBe(0)
    await settled()
  })

  test('F53 the same trigger while the first still runs is busy; after it, it is already applied', async () => {
    const key = ['run', '--run-key', 'dag/one', '--output', 'json']
    lab.proxy.add({ match: { ...WRITE, nth: 1 }, action: { kind: 'hold-until-told', applied: 'after' } })
    const firing = lab.proxy.fired()
    const first = await lab.start(key)
    await firing
    expect((await lab.run(key)).code).toBe(6)
    lab.proxy.release()
    expect((await first.ended).code).toBe(0)
    const before = await lab.writeCount()
    const again = await lab.run(key)
    expect(again, again.stderr).toMatchObject({ code: 0 })
    expect(JSON.stringify(again.json)).toContain('already applied')
    expect(await lab.writeCount()).toBe(before)
    await settled()
  })
})

const SIGNALLED: readonly TestWarehouseName[] = isFull() ? ['duckdb', ...POSTGRES] : ['duckdb']

describe.each(SIGNALLED)('signals on %s', (warehouse) => {
  beforeAll(() => open(warehouse))
  afterAll(() => lab.close())
  beforeEach(() => story.nextChapter())

  test('F64 SIGTERM: what is on its way is waited for and recorded, the lease is given back, 143', async () => {
    lab.proxy.add({ match: { ...WRITE, nth: 2 }, action: { kind: 'delay', ms: 1_500, until: 'answer' } })
    const firing = lab.proxy.fired()
    const runner = await lab.start(['run', '--output', 'json'], { shipped: true })
    await firing
    runner.kill('SIGTERM')
    const ended = await runner.ended
    expect(ended, ended.stderr).toMatchObject({ code: 143, json: { unknown: 0 } })
    expect(await lab.query('select count(*) from backfeed.sync_lease where holder is not null')).toEqual([['0']])
    const next = await lab.run(['run', '--output', 'json'])
    expect(next.code, next.stderr).toBe(0)
    await settled()
  })

  test('F65 SIGTERM twice: it stops at once, and the next run finds out what was sent', async () => {
    lab.proxy.add({ match: { ...WRITE, nth: 2 }, action: { kind: 'blackhole', applied: true } })
    const firing = lab.proxy.fired()
    const runner = await lab.start(['run', '--output', 'json'], { shipped: true })
    await firing
    runner.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 500))
    runner.kill('SIGTERM')
    expect((await runner.ended).code).toBe(143)
    await settled()
  })

  test('F65 SIGKILL while a request is on its way: read back, not sent again blindly', async () => {
    lab.proxy.add({ match: { ...WRITE, nth: 3 }, action: { kind: 'blackhole', applied: true } })
    const firing = lab.proxy.fired()
    const runner = await lab.start(['run', '--output', 'json'], { shipped: true })
    await firing
    runner.kill('SIGTERM')
    runner.kill('SIGKILL')
    expect((await runner.ended).signal).toBe('SIGKILL')
    await settled()
  })
})

/** The letter of /proc/<pid>/stat: T is stopped. */
async function stateOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).charAt(0)
}
