/** The emulator as a process of its own, and the main verbs against it, the way operators' scripts use them. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lastJson, runCli, startCli } from '../support/built-cli.ts'

const home = mkdtempSync(join(tmpdir(), 'backfeed-emulator-'))
const project = join(home, 'activation')
let emulator: ChildProcess
let ready: { event: string; url: string; control_url: string; pid: number }

async function start(...args: string[]): Promise<{ child: ChildProcess; line: typeof ready }> {
  const child = await startCli(['emulator', 'start', ...args], { cwd: home })
  if (child.stdout === null) throw new TypeError('no stdout')
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return { child, line: JSON.parse(String(line)) }
}

const run = (...args: string[]) => runCli(args, { cwd: project, env: { BACKFEED_EMULATOR_URL: ready.url } })
const controlPort = (): string => new URL(ready.control_url).port

async function control<T>(path: string): Promise<T[]> {
  const answer: unknown = await (await fetch(`${ready.control_url}${path}`)).json()
  if (!Array.isArray(answer)) throw new TypeError(`${path} is not a list`)
  return answer
}

const journal = () => control<{ method: string; path: string }>('/journal')
const accounts = () => control<unknown>('/records/salesforce/Account')

beforeAll(async () => {
  await runCli(['init', 'activation'], { cwd: home })
  const started = await start('--port', '0', '--control-port', '0')
  emulator = started.child
  ready = started.line
})

afterAll(() => {
  emulator.kill('SIGKILL')
})

describe('emulator', () => {
  test('says in one JSON line where it is', async () => {
    expect(ready).toMatchObject({ event: 'ready', pid: emulator.pid })
    expect((await fetch(`${ready.control_url}/health`)).status).toBe(200)
  })

  test('refuses a port that is taken, with the remedy', async () => {
    const taken = await runCli(['emulator', 'start', '--port', new URL(ready.url).port, '--control-port', '0'], {
      cwd: home,
    })
    expect(taken.code).toBe(2)
    expect(taken.stderr).toContain('E-EMU-PORT')
  })

  test('ends well on SIGTERM, and says so to nobody but the log', async () => {
    const { child } = await start('--port', '0', '--control-port', '0')
    child.kill('SIGTERM')
    expect((await once(child, 'exit'))[0]).toBe(0)
  })

  test('loads files, and is reset', async () => {
    const loaded = await run('emulator', 'load', 'seeds/crm', '--control-port', controlPort(), '--output', 'json')
    expect(loaded).toMatchObject({ code: 0 })
    expect(lastJson(loaded.stdout)).toMatchObject({ schemas: 4 })
    expect((await accounts()).length).toBeGreaterThan(100)
    expect((await run('emulator', 'reset', '--control-port', controlPort())).code).toBe(0)
    expect(await accounts()).toEqual([])
  })

  test('that does not run is an error with the remedy', async () => {
    const { code, stderr } = await run('emulator', 'reset', '--control-port', '1')
    expect(code).toBe(2)
    expect(stderr).toContain('E-EMU-DOWN')
  })
})

describe('the main verbs', () => {
  test('debug says what is right', async () => {
    await run('emulator', 'load', 'seeds/crm', '--control-port', controlPort())
    const { code, stdout } = await run('debug')
    expect(stdout).toContain('All checks passed')
    expect(code).toBe(0)
    expect(stdout).toMatch(/sync salesforce_accounts +\[OK\] Account: 4 fields writable/)
  })

  test('seed, build and show stay in the warehouse', async () => {
    await fetch(`${ready.control_url}/journal`, { method: 'DELETE' })
    expect((await run('seed')).code).toBe(0)
    const built = await run('build', '-s', '+crm_accounts', '--output', 'json')
    expect(lastJson(built.stdout)).toMatchObject({ verb: 'build', status: 'success', error: 0 })
    const shown = await run('show', '-s', 'crm_accounts', '--limit', '2')
    expect(shown.stdout.trimEnd().split('\n')).toHaveLength(3)
    expect(shown.stdout).toContain('customer_id')
    expect(await journal()).toEqual([])
  })

  test('a target folder that cannot be written stops before anything is contacted', async () => {
    for (const place of [join(project, 'project.yml/below'), '/proc/nowhere']) {
      const { code, stderr } = await run('run', '--target-path', place)
      expect(code).toBe(2)
      expect(stderr).toContain('error E-CFG-PATH  the target folder')
    }
    expect(await journal()).toEqual([])
  })

  test('nothing is recorded before the first plan', async () => {
    const { code, stdout } = await run('status')
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'Nothing recorded yet for target dev: run `backfeed plan` or `backfeed run` first\n',
    })
  })

  test('plan predicts the requests of the run, byte for byte, and sends nothing', async () => {
    const planned = await run('plan', '-s', 'salesforce_accounts', '--output', 'json', '--detailed-exitcode')
    expect(planned.code).toBe(10)
    const plan = lastJson(planned.stdout)
    const isWrite = ({ method, path }: { method: string; path: string }) => method !== 'GET' && !path.includes('/query')
    expect((await journal()).filter(isWrite)).toEqual([])
    const ran = await run('run', '-s', 'salesforce_accounts', '--output', 'json')
    expect(ran.code).toBe(0)
    const line = lastJson(ran.stdout)
    expect(Buffer.byteLength(ran.stdout.trimEnd().split('\n').at(-1) ?? '')).toBeLessThanOrEqual(4096)
    const writes = (await journal()).filter(isWrite)
    const [sync] = plan.syncs as { counts: { send: number }; predicted: { requests: object[] } }[]
    expect(writes).toHaveLength(sync?.predicted.requests.length ?? -1)
    expect(line).toMatchObject({
      verb: 'run',
      status: 'success',
      exit: 0,
      planned: sync?.counts.send,
      write_calls: writes.length,
    })
    const results = JSON.parse(readFileSync(join(project, 'target/run_results.json'), 'utf8'))
    expect(results.results.at(-1)).toMatchObject({
      unique_id: 'sync.activation.salesforce_accounts',
      status: 'success',
    })
  })

  test('the second run sends nothing', async () => {
    const again = await run('run', '-s', 'salesforce_accounts', '--output', 'json')
    expect(lastJson(again.stdout)).toMatchObject({ exit: 0, planned: 0, write_calls: 0 })
    expect((await run('plan', '-s', 'salesforce_accounts', '--detailed-exitcode')).code).toBe(0)
  })

  test('history, quarantine and status answer', async () => {
    const runs = lastJson((await run('history', 'runs', 'salesforce_accounts', '--output', 'json')).stdout)
    expect(runs.rows).toHaveLength(4)
    const field = await run('history', 'field', 'salesforce_accounts', 'LTV__c', '--limit', '3')
    expect(field.stdout.trimEnd().split('\n')).toHaveLength(4)
    const key = /\b(C-\d+)\b/.exec(field.stdout)?.[1] ?? ''
    expect((await run('history', 'row', 'salesforce_accounts', key)).stdout).toContain('LTV__c')
    expect((await run('quarantine', 'ls', 'salesforce_accounts')).stdout).toContain('risk_score_between')
    expect((await run('status')).stdout).toContain('salesforce_accounts')
    expect((await run('history', 'row', 'salesforce_acounts', key)).stderr).toContain(
      'did you mean "salesforce_accounts"?',
    )
  })

  test('a plan for a pull request shows no value', async () => {
    const { stdout } = await run('plan', '-s', 'salesforce_contacts', '--output', 'markdown')
    expect(stdout).toContain('| salesforce\\_contacts | salesforce Contact |')
    expect(stdout).toContain('`Lead_Score__c`')
    expect(stdout).not.toMatch(/P-\d+-\d+|@/)
  })

  test('a plan beyond its guards is refused, and one flag with a reason lets it through', async () => {
    const file = join(project, 'syncs/hubspot.yml')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/max_updates: .*/, 'max_updates: 7'))
    const refused = await run('run', '-s', 'hubspot_companies', '--output', 'json')
    expect(refused.code).toBe(3)
    expect(lastJson(refused.stdout)).toMatchObject({ status: 'refused', exit: 3, write_calls: 0 })
    const allow = /--allow (updates=\d+) --reason/.exec(refused.stderr)?.[1] ?? ''
    const allowed = await run('run', '-s', 'hubspot_companies', '--allow', allow, '--reason', 'first load')
    expect(allowed.code).toBe(0)
    expect(allowed.stdout).toContain('Done. PASS=1 WARN=0 ERROR=0 SKIP=0 TOTAL=1')
    const nothing = await run('run', '-s', 'hubspot_companies', '--output', 'json')
    expect(lastJson(nothing.stdout)).toMatchObject({ exit: 0, write_calls: 0 })
  })

  test('SIGTERM ends a run with 143, and the next run finishes the work', async () => {
    await fetch(`${ready.control_url}/faults`, {
      method: 'POST',
      body: JSON.stringify({ match: { crm: 'salesforce', method: 'GET' }, action: { delay_ms: 400 } }),
    })
    const env = { BACKFEED_EMULATOR_URL: ready.url }
    const child = await startCli(['run', '-s', 'salesforce_contacts'], { cwd: project, env })
    if (child.stderr === null) throw new TypeError('no stderr')
    for await (const line of createInterface({ input: child.stderr })) if (line.includes('START sync')) break
    child.kill('SIGTERM')
    expect((await once(child, 'exit'))[0]).toBe(143)
    await fetch(`${ready.control_url}/faults`, { method: 'DELETE' })
    const next = await run('run', '-s', 'salesforce_contacts', '--output', 'json')
    expect(lastJson(next.stdout)).toMatchObject({ exit: 0, unknown: 0 })
  })
})
