/** A project from init to compiled SQL; nothing is contacted. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { lastJson, runCli } from '../support/built-cli.ts'

const home = mkdtempSync(join(tmpdir(), 'backfeed-project-'))
const project = join(home, 'activation')
const run = (...args: string[]) => runCli(args, { cwd: project })

beforeAll(async () => {
  const { code, stderr } = await runCli(['init', 'activation', '--no-input'], { cwd: home })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

describe('init', () => {
  test('writes a project with everything an editor needs, and no credentials', () => {
    const files = readdirSync(project, { recursive: true }).map(String)
    for (const file of ['project.yml', 'README.md', '.gitignore', '.vscode/settings.json', 'syncs/salesforce.yml'])
      expect(files).toContain(file)
    for (const kind of ['project', 'sync', 'properties'])
      expect(JSON.parse(readFileSync(join(project, `.backfeed/schemas/${kind}.schema.json`), 'utf8'))).toMatchObject({
        $schema: 'http://json-schema.org/draft-07/schema#',
      })
    expect(readFileSync(join(project, 'project.yml'), 'utf8')).toMatch(
      /^# yaml-language-server: .*\nname: activation\n/,
    )
    expect(files.filter((file) => /\.(mjs|ts|js)$/.test(file))).toEqual([])
  })

  test('refuses a folder that is a project already', async () => {
    const again = await runCli(['init', 'activation'], { cwd: home })
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('E-CFG-EXISTS')
  })
})

describe('a new project', () => {
  test("parses, from a folder below as well, and leaves a manifest in dbt's shape", async () => {
    const parsed = await runCli(['parse', '--output', 'json'], { cwd: join(project, 'syncs') })
    expect(parsed.code).toBe(0)
    expect(lastJson(parsed.stdout)).toMatchObject({ verb: 'parse', status: 'success', syncs: 4 })
    const manifest = JSON.parse(readFileSync(join(project, 'target/manifest.json'), 'utf8'))
    for (const key of ['metadata', 'nodes', 'sources', 'macros', 'syncs', 'parent_map', 'child_map'])
      expect(manifest).toHaveProperty(key)
    expect(manifest.parent_map['sync.activation.salesforce_accounts']).toEqual(['model.activation.crm_accounts'])
    expect(manifest.child_map['seed.activation.customer_dim']).toContain('model.activation.stg_customers')
  })

  test('lists what a selector matches', async () => {
    const { stdout } = await run('ls', '-s', '+salesforce_accounts', '--resource-type', 'model')
    const names = stdout.trim().split('\n')
    expect(names).toContain('model:crm_accounts')
    expect(names).toContain('model:stg_customers')
    expect(names).not.toContain('model:crm_contacts')
    const syncs = await run('ls', '-s', 'destination:hubspot', '--output', 'json')
    expect(lastJson(syncs.stdout)).toMatchObject({
      resources: [{ name: 'hubspot_companies' }, { name: 'hubspot_contacts' }],
    })
    const none = await run('ls', '-s', 'salesforce_acounts')
    expect(none.code).toBe(2)
    expect(none.stderr).toContain('did you mean "salesforce_accounts"?')
  })

  test('compiles models and syncs; one model is printed', async () => {
    const all = await run('compile', '--output', 'json')
    expect(lastJson(all.stdout)).toMatchObject({ syncs: 4 })
    expect(existsSync(join(project, 'target/compiled/models/crm_accounts.sql'))).toBe(true)
    expect(existsSync(join(project, 'target/compiled/syncs/salesforce_accounts/changes.sql'))).toBe(true)
    const one = await run('compile', '-s', 'crm_accounts')
    expect(one.stdout).toBe(readFileSync(join(project, 'target/compiled/models/crm_accounts.sql'), 'utf8'))
    expect(one.stdout).not.toContain('{{')
  })

  test('keeps a log at debug level, and --target-path moves the artifacts', async () => {
    const elsewhere = join(home, 'elsewhere')
    expect((await run('compile', '--target-path', elsewhere)).code).toBe(0)
    expect(existsSync(join(elsewhere, 'compiled/models'))).toBe(true)
    expect(readFileSync(join(project, 'logs/backfeed.log'), 'utf8')).toContain('backfeed 0')
  })

  test('prints its schemas', async () => {
    expect(JSON.parse((await run('schema', 'sync')).stdout)).toMatchObject({ properties: { syncs: {} } })
    expect(Object.keys(lastJson((await run('schema', '--output', 'json')).stdout)).sort()).toEqual([
      'project',
      'properties',
      'sync',
    ])
  })

  test('shows every mistake with its line, and quotes it', async () => {
    const file = join(project, 'syncs/salesforce.yml')
    const good = readFileSync(file, 'utf8')
    writeFileSync(file, good.replace('on_null: ignore', 'on_null: erase').replace('mode: update', 'mode: updaet'))
    const { code, stderr, stdout } = await run('parse')
    const json = await run('parse', '--output', 'json')
    writeFileSync(file, good)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/error E-CFG-VALUE {2}syncs\/salesforce\.yml:\d+:\d+ .*erase/)
    expect(stderr).toMatch(/\^{5}.*ignore, clear, reject/)
    expect(stderr).toMatch(/updaet/)
    expect(lastJson(json.stdout)).toMatchObject({
      problems: [{ file: 'syncs/salesforce.yml' }, { file: 'syncs/salesforce.yml' }],
    })
  })

  test('cleans up what can be made again', async () => {
    const { code, stdout } = await run('clean')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Deleted target, logs\n' })
    expect(readdirSync(project)).not.toContain('target')
    expect(readdirSync(project)).not.toContain('logs')
    expect(readdirSync(project)).toContain('models')
  })
})
