/** Killed beside the main path: while a token is renewed, while a revert is planned and sent, in the middle of a purge. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { auditFindings } from './support/audit-findings.ts'
import { type CrashStory, openStory } from './support/crash-story.ts'
import { HOUR, openProcessLab, type ProcessLab } from './support/process-lab.ts'
import { runUntilSettled } from './support/run-until-settled.ts'
import type { RunnerOptions } from './support/runner-process.ts'
import { LEGS } from './support/sync-leg.ts'
import { brokenInvariants, type Expected } from './support/witness.ts'

let lab: ProcessLab
let story: CrashStory
afterEach(() => lab.close())

const killed = async (argv: readonly string[], options: RunnerOptions): Promise<void> => {
  const dead = await lab.run(argv, options)
  expect(dead.signal, dead.stderr).toBe('SIGKILL')
  await lab.expireLeases()
}

test('F42 CP28, killed while a token is renewed: the next run renews it again', async () => {
  lab = await openProcessLab({ warehouse: 'duckdb' })
  const env = { HS_SECRET: 'lab-client-secret-5f', HS_REFRESH: 'lab-refresh-token-5f' }
  const oauth = { client_id: 'client', client_secret: env.HS_SECRET, refresh_tokens: [env.HS_REFRESH] }
  await lab.emulator.control.putPolicies('hubspot', { auth: { require_issued_tokens: true, oauth } })
  const project = readFileSync(join(lab.dir, 'project.yml'), 'utf8')
  const secret = (name: string): string => `"{{ env_var('${name}') }}"`
  const login = `auth: refresh_token, client_id: client, client_secret: ${secret('HS_SECRET')}, refresh_token: ${secret('HS_REFRESH')}`
  lab.write('project.yml', project.replace(`access_token: ${secret('HS_LAB_TOKEN')}`, login))
  const plain = lab.run
  lab.run = (argv, options) => plain(argv, { ...options, env })
  story = await openStory(lab, LEGS.hubspot)
  await story.nextChapter()
  await killed(['run'], { crashAt: 'CP28' })
  await runUntilSettled(lab, story.expected())
})

test('F05 CP29, a revert that is killed while it is planned, and again while it sends: the next one finishes it', async () => {
  lab = await openProcessLab({ warehouse: 'duckdb' })
  story = await openStory(lab, LEGS.collections)
  await story.nextChapter()
  expect((await lab.run(['run'])).code).toBe(0)
  const [row] = await lab.query('select run_id from backfeed.sync_run order by epoch desc limit 1')
  const revert = ['revert', row?.[0] ?? '', '--apply', '--output', 'json']
  await killed(revert, { crashAt: 'CP05', nth: 2 })
  await killed(revert, { crashAt: 'CP11', clockSkewMs: HOUR })
  const next = await lab.run(revert, { clockSkewMs: 2 * HOUR })
  expect([0, 5], next.stderr).toContain(next.code)
  if (next.code === 5) expect((await lab.run(revert, { clockSkewMs: 3 * HOUR })).code).toBe(0)
  expect(await brokenInvariants(lab, beforeTheChapter(story.expected()))).toEqual([])
})

/** What the chapter changed is as it was; what it created stays, and so does what people wrote. */
function beforeTheChapter(expected: Expected): Expected {
  const records = Object.entries(expected.records).map(([key, fields]) => {
    return [key, key.startsWith('c0-') ? { ...fields, Plan__c: 'old', Note__c: 'kept' } : fields] as const
  })
  return { ...expected, records: Object.fromEntries(records) }
}

test('F89 CP30, a purge that is killed between two of its statements: the next one completes it, and runs go on', async () => {
  lab = await openProcessLab({ warehouse: 'duckdb' })
  story = await openStory(lab, LEGS.collections)
  await story.nextChapter()
  expect((await lab.run(['run'])).code).toBe(0)
  const purge = ['audit', 'purge', '--key', 'c0-1', '-s', 'story', '--reason', 'asked', '--yes', '--output', 'json']
  await killed(purge, { crashAt: 'CP30', nth: 2 })
  const next = await lab.run(purge, { clockSkewMs: HOUR })
  expect(next, next.stderr).toMatchObject({ code: 0, json: { resumed: 1 } })
  expect(await auditFindings(lab, 'story')).toEqual([])
  await story.nextChapter()
  await runUntilSettled(lab, story.expected())
})
