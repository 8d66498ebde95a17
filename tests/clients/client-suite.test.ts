/** The suite's own promises; the clients themselves run with `npm run test:clients`. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { runCommand } from './run-command.ts'
import { runSteps, type StepResult } from './run-steps.ts'
import type { Step } from './step.ts'

const says = (answer: string): Step => ({ ask: `say ${answer}`, run: async () => answer })
const asked = (results: readonly StepResult[]) => results.map(({ ask, ok }) => `${ask}: ${ok ? 'ok' : 'failed'}`)

describe('steps', () => {
  test('one that rejects has failed, and the next ones run', async () => {
    const broken: Step = { ask: 'break', run: () => Promise.reject(new Error('broken\nin two')) }
    const results = await runSteps({ steps: [says('a'), broken, says('b')] }, () => undefined)
    expect(asked(results)).toEqual(['say a: ok', 'break: failed', 'say b: ok'])
    expect(results[1]?.answer).toBe('broken in two')
  })

  test('one that never ends has failed when its time is over', async () => {
    const hangs: Step = { ask: 'hang', timeoutMs: 20, run: () => new Promise(() => undefined) }
    const results = await runSteps({ steps: [hangs, says('a')] }, () => undefined)
    expect(asked(results)).toEqual(['hang: failed', 'say a: ok'])
    expect(results[0]?.answer).toBe('no answer within 0.02 s')
  })

  test('lanes start after the steps and go side by side, each in order', async () => {
    let open = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const waits: Step = { ask: 'wait', timeoutMs: 2_000, run: () => gate.then(() => 'opened') }
    const opens: Step = { ask: 'open', run: () => Promise.resolve('open').finally(open) }
    const lanes = [
      [waits, says('after')],
      [opens, says('meanwhile')],
    ]
    const results = await runSteps({ steps: [says('first')], lanes }, () => undefined)
    const seen = asked(results)
    expect(seen[0]).toBe('say first: ok')
    // The first lane waits for a step of the second one.
    expect(seen.toSorted()).toEqual(['open: ok', 'say after: ok', 'say first: ok', 'say meanwhile: ok', 'wait: ok'])
    expect(seen.indexOf('wait: ok')).toBeLessThan(seen.indexOf('say after: ok'))
  })
})

describe('commands', () => {
  const here = { cwd: tmpdir(), env: process.env }

  test('give their exit code and both outputs', async () => {
    const script = 'console.log(1); console.error(2); process.exitCode = 3'
    const result = await runCommand(process.execPath, ['-e', script], { ...here, timeoutMs: 20_000 })
    expect(result).toEqual({ code: 3, stdout: '1\n', stderr: '2\n' })
  })

  test('are killed when their time is over', async () => {
    const result = await runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      ...here,
      timeoutMs: 300,
    })
    expect(result.code).toBeUndefined()
  })
})

describe('installations', () => {
  let cache: string
  const installed = async () => (await import('./client-cache.ts')).installedIn

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'backfeed-clients-cache-'))
    vi.stubEnv('BACKFEED_CLIENTS_CACHE', cache)
    vi.resetModules()
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(cache, { recursive: true, force: true })
  })

  test('happen once', async () => {
    const installedIn = await installed()
    const install = vi.fn(async (folder: string) => writeFileSync(join(folder, 'client'), ''))
    const first = await installedIn('client-1', install)
    expect(await installedIn('client-1', install)).toBe(first)
    expect(existsSync(join(first, 'client'))).toBe(true)
    expect(install).toHaveBeenCalledTimes(1)
  })

  test('leave nothing behind when they fail', async () => {
    const installedIn = await installed()
    const fails = async (folder: string): Promise<void> => {
      writeFileSync(join(folder, 'half'), '')
      throw new Error('no registry')
    }
    await expect(installedIn('client-1', fails)).rejects.toThrow('no registry')
    expect(readdirSync(cache)).toEqual([])
  })
})
