/** What a real process does when it is told to stop: it drains within the grace, and a second signal is obeyed at once. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { smallSync } from '../promises/small-sync.ts'
import { cleanEnvironment, crashingCli } from '../support/built-cli.ts'
import { type LiveProject, SECRETS } from '../support/live-project.ts'

interface Started {
  child: ChildProcess
  ended: Promise<{ code: number | null; seconds: number }>
  stderr: () => string
}

describe('a runner that is told to stop', { timeout: 240_000 }, () => {
  let project: LiveProject
  beforeEach(async () => {
    project = await smallSync(undefined, { more: ['limits: {batch_size: 1, concurrency: 1}'] })
  })
  afterEach(() => project.close())

  const start = async (...args: string[]): Promise<Started> => {
    const child = spawn(process.execPath, [await crashingCli(), '--trace', 'trace', '--', 'run', ...args], {
      cwd: project.dir,
      env: cleanEnvironment(SECRETS),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr?.on('data', (chunk) => {
      stderr += String(chunk)
    })
    let toldMs = 0
    const kill = child.kill.bind(child)
    child.kill = (signal) => {
      toldMs = performance.now()
      return kill(signal)
    }
    const ended = new Promise<{ code: number | null; seconds: number }>((resolve) =>
      child.on('exit', (code) => resolve({ code, seconds: (performance.now() - toldMs) / 1000 })),
    )
    return { child, ended, stderr: () => stderr }
  }
  const slow = (delayMs: number) =>
    project.control.addFault({ match: { crm: 'salesforce', method: 'PATCH', nth: 1 }, action: { delay_ms: delayMs } })
  const trace = (): string =>
    existsSync(join(project.dir, 'trace')) ? readFileSync(join(project.dir, 'trace'), 'utf8') : ''
  const underWay = () => expect.poll(trace, { timeout: 90_000 }).toContain('CP10')
  const stored = async () => (await project.control.records('salesforce', 'Account')).length

  test('SIGTERM: the answer under way is waited for and recorded, nothing new is sent, the lease is given back', async () => {
    await slow(4_000)
    const { child, ended } = await start()
    await underWay()
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 143 })
    expect(trace().match(/CP10/g)).toHaveLength(1)
    expect(await stored()).toBe(1)
    const next = await project.cli('run', '--output', 'json')
    expect(next.exit).toBe(0)
    expect(await stored()).toBe(3)
  })

  test('SIGINT with a short grace: what has no answer by then is unknown, and said to be', async () => {
    await slow(30_000)
    const { child, ended } = await start('--grace', '1s')
    await underWay()
    child.kill('SIGINT')
    const { code, seconds } = await ended
    expect(code).toBe(130)
    expect(seconds).toBeLessThan(20)
    expect(trace().match(/CP10/g)).toHaveLength(1)
    expect((await project.cli('status', '--output', 'json')).exit).toBe(0)
    const busy = await project.cli('run', '--output', 'json')
    expect([0, 5], 'the lease is free, the row waits for its settling time').toContain(busy.exit)
  })

  test('a second signal stops at once; the lease is left, and a run that waits for it ends by a signal too', async () => {
    await slow(30_000)
    const { child, ended } = await start()
    await underWay()
    child.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 300))
    child.kill('SIGTERM')
    const { code, seconds } = await ended
    expect(code).toBe(143)
    expect(seconds).toBeLessThan(5)
    expect(trace()).not.toContain('CP14')
    expect((await project.cli('run', '--output', 'json')).exit).toBe(6)
    const waiting = await start('--lock-timeout', '10m')
    await expect.poll(() => trace().match(/CP02/g)?.length, { timeout: 60_000 }).toBeGreaterThan(2)
    waiting.child.kill('SIGINT')
    const stopped = await waiting.ended
    expect(stopped.code).toBe(130)
    expect(stopped.seconds).toBeLessThan(10)
  })
})
