/** What may go wrong between the runner and its warehouse: every write of a run may be lost, or done and not heard of. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findPostgres } from '../support/postgres-server.ts'
import { type CrashStory, openStory } from './support/crash-story.ts'
import { isFull } from './support/full-mode.ts'
import { type PostgresProxy, startPostgresProxy } from './support/postgres-proxy.ts'
import { openProcessLab, type ProcessLab } from './support/process-lab.ts'
import { runUntilSettled } from './support/run-until-settled.ts'
import { LEGS } from './support/sync-leg.ts'

const WRITING = /^\s*(commit|insert|update|delete|create|drop|alter|merge)\b/i

describe.skipIf(findPostgres() === undefined)('Postgres behind a proxy', () => {
  let lab: ProcessLab
  let story: CrashStory
  let proxy: PostgresProxy
  beforeAll(async () => {
    const { port } = new URL(process.env.BACKFEED_TEST_POSTGRES_URL ?? '')
    proxy = await startPostgresProxy(Number(port))
    lab = await openProcessLab({ warehouse: 'postgres', target: { port: proxy.port } })
    story = await openStory(lab, LEGS.collections)
  })
  afterAll(async () => {
    await lab?.close()
    await proxy?.close()
  })
  beforeEach(async () => {
    proxy.clear()
    proxy.mend()
    lab.proxy.clear()
    await story.nextChapter()
  })

  const settled = async (): Promise<void> => {
    proxy.clear()
    proxy.mend()
    await lab.expireLeases()
    await runUntilSettled(lab, story.expected())
  }
  const without = (text: string) => text.slice(0, 60).replaceAll(/\s+/g, ' ')

  test.each([
    ['F56 the server did it, and the answer is lost', 'after'],
    ['F55 the server never saw it', 'before'],
  ] as const)(
    '%s, at one write of the run after another',
    async (_, lost) => {
      const from = proxy.commands.length
      expect((await lab.run(['run'])).code).toBe(0)
      const writes = proxy.commands.slice(from).filter((text) => WRITING.test(text)).length
      expect(writes).toBeGreaterThan(10)
      // In the short run one of them: in the middle, and the one before.
      const middle = Math.ceil(writes / 2) - (lost === 'after' ? 1 : 0)
      const range = isFull() ? { first: 1, last: writes } : { first: middle, last: middle }
      for (let nth = range.first; nth <= range.last; nth += 1) {
        await story.nextChapter()
        const before = proxy.commands.length
        proxy.add({ text: WRITING, nth, lost })
        const run = await lab.run(['run', '--output', 'json'])
        const at = without(proxy.commands.slice(before).filter((text) => WRITING.test(text))[nth - 1] ?? '')
        expect(run.signal, `write ${nth}: ${at}`).toBeNull()
        expect([0, 1, 5, 6, 75], `write ${nth}: ${at}: ${run.stderr}`).toContain(run.code)
        await settled()
      }
    },
    1_800_000,
  )

  test('F13 killed when the results are written and the answer is on its way', async () => {
    const running = lab.start(['run', '--output', 'json'])
    const runner = await running
    proxy.add({ text: /sync_intent/, nth: 3, lost: 'after', call: () => runner.kill('SIGKILL') })
    expect((await runner.ended).signal).toBe('SIGKILL')
    await settled()
  })

  test('F55 the warehouse is gone in the middle: nothing more is sent, 75, and recovery is exact', async () => {
    lab.proxy.add({
      match: { method: 'PATCH', path: /\/composite\/sobjects/, nth: 2 },
      action: { kind: 'tell', when: 'applied', call: () => proxy.cut() },
    })
    const before = await lab.writeCount()
    const run = await lab.run(['run', '--output', 'json'])
    expect(run.code, run.stderr).toBe(75)
    expect((await lab.writeCount()) - before).toBe(2)
    await settled()
  })

  test('F54 the lease cannot be renewed: nothing is sent after its deadline', async () => {
    proxy.add({ text: /heartbeat_at/, lost: 'before' })
    const run = await lab.run(['run', '--output', 'json'])
    expect(run.code, run.stderr).not.toBe(0)
    await settled()
  })

  test('F57 the role may not write any more: nothing is sent, and the code says so', async () => {
    const before = await lab.writeCount()
    const readOnly = { PGOPTIONS: '-c default_transaction_read_only=on' }
    const run = await lab.run(['run', '--output', 'json'], { env: readOnly })
    expect([2, 3, 75], run.stderr).toContain(run.code)
    expect(await lab.writeCount()).toBe(before)
    await settled()
  })
})
