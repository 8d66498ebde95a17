/** Saved plans as typed: files that are no plans, approval, protected targets. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { accountsYaml, smallSync } from '../promises/small-sync.ts'
import { type CliResult, runCli } from '../support/in-process-cli.ts'
import { type LiveProject, projectYaml, SECRETS } from '../support/live-project.ts'
import { readAudit } from '../support/read-audit.ts'

const ADA = { ...SECRETS, GITHUB_RUN_ID: '1', GITHUB_ACTOR: 'ada', GITHUB_REPOSITORY: 'acme/activation' }
const BOB = { ...ADA, GITHUB_ACTOR: 'bob', GITHUB_RUN_ID: '2' }

let project: LiveProject
beforeEach(async () => {
  project = await smallSync()
})
afterEach(() => project.close())

const as = (env: Readonly<Record<string, string>>, ...argv: string[]): Promise<CliResult> =>
  runCli({ cwd: project.dir, env }, argv)
const file = (name: string) => join(project.dir, name)

describe('a plan file', () => {
  test('is for its owner only, and says how to send it', async () => {
    const planned = await project.cli('plan', '--out', 'plan.json', '--expires', '2h')
    expect(planned.exit).toBe(0)
    expect(planned.stderr).toContain('backfeed apply plan.json')
    expect(statSync(file('plan.json')).mode & 0o777).toBe(0o600)
    const { saved, format, status } = JSON.parse(readFileSync(file('plan.json'), 'utf8'))
    expect({ format, status }).toEqual({ format: 'backfeed-plan/1', status: 'success' })
    expect(Date.parse(saved.expires_at) - Date.parse(saved.created_at)).toBe(7_200_000)
    expect(saved.plans).toMatchObject([{ sync: 'accounts', send: 3, creates: 3, updates: 0 }])
  })

  test('of another kind, or none at all, is told apart', async () => {
    expect(await project.cli('plan', '--out', 'plan.json')).toMatchObject({ exit: 0 })
    const typo = await project.cli('apply', 'plna.json')
    expect(typo.exit).toBe(2)
    expect(typo.stderr).toMatch(/E-PLAN-FILE .*plna.json cannot be read[\s\S]*did you mean "plan.json"\?/)
    await project.cli('plan', '--out', 'plan.md')
    expect((await project.cli('apply', 'plan.md')).stderr).toContain('it is the markdown of a plan')
    writeFileSync(file('other.json'), '{"name": "other"}')
    expect((await project.cli('apply', 'other.json')).stderr).toContain('it has no format')
    expect((await project.cli('apply', 'plan.json', '-s', 'accounts')).stderr).toContain('apply takes no selection')
    expect((await project.cli('plan', '--out', 'plan.txt')).stderr).toContain('ends in neither .md nor .json')
    expect((await project.cli('plan', '--expires', '2h')).stderr).toContain('--expires is about a plan file')
    expect(await project.takeWrites()).toEqual([])
  })

  test('of several syncs is checked as a whole before the first one sends', async () => {
    const second = accountsYaml({ fields: ['{to: Risk__c, from: risk}'] }).replace('name: accounts', 'name: risks')
    project.write('syncs/risks.yml', second.replace('mode: upsert', 'mode: update'))
    expect(await project.cli('plan', '--out', 'plan.json')).toMatchObject({ exit: 0 })
    project.write('syncs/risks.yml', second.replace('mode: upsert', 'mode: update\n    tags: [other]'))
    const refused = await project.cli('apply', 'plan.json')
    expect(refused.exit).toBe(3)
    expect(refused.stderr).toContain('risks: the sync file changed since the plan')
    expect(await project.takeWrites()).toEqual([])
    project.write('syncs/risks.yml', second.replace('mode: upsert', 'mode: update'))
    expect(await project.cli('apply', 'plan.json', '--run-key', 'k1')).toMatchObject({ exit: 0 })
    const again = await project.cli('apply', 'plan.json', '--run-key', 'k1', '--output', 'json')
    expect(again).toMatchObject({
      exit: 0,
      json: { syncs: [{ status: 'already applied' }, { status: 'already applied' }] },
    })
  })
})

describe('require_approval', () => {
  test('first_run: asks for an approved plan until one went through', async () => {
    project.write('syncs/accounts.yml', accountsYaml({ more: ['require_approval: first_run'] }))
    const run = await project.cli('run', '--output', 'json')
    expect(run).toMatchObject({ exit: 3, json: { problems: [{ code: 'E-RUN-APPROVAL', line: 14 }] } })
    expect(run.stderr).toContain(
      'backfeed plan -s accounts --out plan.json, then somebody else: backfeed approve plan.json',
    )
    await as(ADA, 'plan', '--out', 'plan.json')
    expect((await as(ADA, 'apply', 'plan.json')).stderr).toContain('accounts: nobody has approved this plan')
    expect((await as(ADA, 'approve', 'plan.json')).stderr).toContain('approve needs --reason')
    const own = await as({ ...ADA, GITHUB_RUN_ID: '9' }, 'approve', 'plan.json', '--reason', 'mine')
    expect(own).toMatchObject({ exit: 3 })
    expect(own.stderr).toContain('somebody else must approve it')
    expect(await project.takeWrites()).toEqual([])
    const approved = await as(BOB, 'approve', 'plan.json', '--reason', 'looks right', '--output', 'json')
    expect(approved).toMatchObject({
      exit: 0,
      json: { approver: 'github:bob:acme/activation:2', self_approved: false },
    })
    expect((await as(BOB, 'approve', 'plan.json', '--reason', 'again')).stdout).toContain('Approved before by')
    expect(await as(ADA, 'apply', 'plan.json')).toMatchObject({ exit: 0 })
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    const rows = await readAudit(
      project,
      `select a.sync_name, a.approver, a.reason, a.self_approved, r.purpose, r.approved_by = a.approver from backfeed_audit.approvals as a join backfeed_audit.runs as r on r.run_id = a.applied_by_run_id`,
    )
    expect(rows.map((row) => row.map(String))).toEqual([
      ['accounts', 'github:bob:acme/activation:2', 'looks right', 'false', 'apply', 'true'],
    ])
    expect((await project.cli('history', 'runs')).stdout).toContain('github:bob')
  })

  test('always: of the target, for every run; --self is recorded', async () => {
    project.write(
      'project.yml',
      projectYaml(project.crmUrl).replace('schema: backfeed}', 'schema: backfeed, require_approval: always}'),
    )
    expect(await project.cli('run')).toMatchObject({ exit: 3 })
    await project.cli('plan', '--out', 'plan.json')
    const own = await project.cli('approve', 'plan.json', '--reason', 'alone today', '--self', '--output', 'json')
    expect(own).toMatchObject({ exit: 0, json: { self_approved: true } })
    expect(await project.cli('apply', 'plan.json')).toMatchObject({ exit: 0 })
    expect(await project.cli('run')).toMatchObject({ exit: 3 })
    const late = await project.cli('approve', 'plan.json', '--reason', 'too late', '--self')
    expect(late).toMatchObject({ exit: 3 })
    expect(late.stderr).toContain('already applied')
    project.write('syncs/accounts.yml', accountsYaml({ more: ['require_approval: never'] }))
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
  })
})

describe('protect: true', () => {
  beforeEach(() => {
    project.write(
      'project.yml',
      projectYaml(project.crmUrl).replace('schema: backfeed}', 'schema: backfeed, protect: true}'),
    )
  })

  test('needs the target typed, and a saved plan or --auto-approve', async () => {
    const run = await project.cli('run', '--output', 'json')
    expect(run).toMatchObject({ exit: 3, json: { problems: [{ code: 'E-TGT-PROTECTED', file: 'project.yml' }] } })
    expect(run.stderr).toContain('its name must be typed, and it takes a saved plan')
    expect((await as({ ...SECRETS, BACKFEED_TARGET: 'test' }, 'run', '--auto-approve')).stderr).toContain(
      'its name must be typed',
    )
    expect((await project.cli('run', '-t', 'test')).stderr).toContain('it takes a saved plan')
    expect(await project.cli('plan', '--out', 'plan.json')).toMatchObject({ exit: 0 })
    expect((await project.cli('apply', 'plan.json')).stderr).toContain('add --target test')
    expect(await project.takeWrites()).toEqual([])
    expect(await project.cli('apply', 'plan.json', '-t', 'test')).toMatchObject({ exit: 0 })
    expect(await project.takeWrites()).not.toEqual([])
    expect(await project.cli('run', '--target', 'test', '--auto-approve')).toMatchObject({ exit: 0 })
  })
})
