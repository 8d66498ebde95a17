/** The program that process tests kill: it dies where it is told to, by SIGKILL, and nowhere else. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { smallSync } from '../promises/small-sync.ts'
import { cleanEnvironment, crashingCli } from '../support/built-cli.ts'
import { type LiveProject, SECRETS } from '../support/live-project.ts'

interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stderr: string
}

describe('a runner that dies at a crash point', () => {
  let project: LiveProject
  beforeEach(async () => {
    project = await smallSync(undefined, { more: ['limits: {batch_size: 1, concurrency: 1}'] })
  })
  afterEach(() => project.close())

  const start = async (...args: string[]): Promise<Ended> => {
    const child = spawn(process.execPath, [await crashingCli(), ...args], {
      cwd: project.dir,
      env: cleanEnvironment(SECRETS),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk)
    })
    return new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal, stderr })))
  }
  const reached = (): string[] => readFileSync(join(project.dir, 'trace'), 'utf8').trim().split('\n')
  const sent = async (): Promise<number> => (await project.takeWrites()).length

  test('before the request: nothing arrives', async () => {
    expect(await start('--crash-at', 'CP09', '--', 'run')).toMatchObject({ signal: 'SIGKILL' })
    expect(await sent()).toBe(0)
  })

  test('with the request under way: it arrives', async () => {
    expect(await start('--crash-at', 'CP10', '--', 'run')).toMatchObject({ signal: 'SIGKILL' })
    await expect.poll(async () => (await project.control.records('salesforce', 'Account')).length).toBe(1)
    expect(await sent()).toBe(1)
  })

  test('at the second hit, after one whole batch', async () => {
    expect(await start('--trace', 'trace', '--crash-at', 'CP11', '--nth', '2', '--', 'run')).toMatchObject({
      signal: 'SIGKILL',
    })
    expect(reached().filter((point) => point === 'CP11')).toHaveLength(2)
    expect(await sent()).toBe(2)
  })

  test('without a wish it is the command line itself, and passes the points in the order of writes', async () => {
    expect(await start('--trace', 'trace', '--', 'run')).toMatchObject({ code: 0, signal: null })
    const order = reached().filter((point, index, all) => all.indexOf(point) === index)
    const window = ['CP08', 'CP09', 'CP10', 'CP11']
    const before = ['CP01', 'CP02', 'CP05', 'CP06', 'CP07']
    expect(order).toEqual([...before, ...window, 'CP15', 'CP13', 'CP14', 'CP24', 'CP25', 'CP26', 'CP27'])
  })

  test('a wish it does not know ends it before anything is read', async () => {
    const { code, stderr } = await start('--crash-on', 'CP10', '--', 'run')
    expect({ code, known: stderr.includes('--crash-on is no option') }).toEqual({ code: 1, known: true })
    expect(existsSync(join(project.dir, 'target'))).toBe(false)
  })
})
