/** The command line itself: what is printed where, with which exit code. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { builtCli, lastJson, runCli } from '../support/built-cli.ts'

const empty = mkdtempSync(join(tmpdir(), 'backfeed-shell-'))

beforeAll(async () => {
  await builtCli()
})

describe('help', () => {
  test('of the whole tool is a result, of no verb at all a usage error', async () => {
    const asked = await runCli(['--help'], { cwd: empty })
    expect(asked).toMatchObject({ code: 0, stderr: '' })
    expect(asked.stdout).toContain('backfeed plan --help')
    const nothing = await runCli([], { cwd: empty })
    expect(nothing.code).toBe(2)
    expect(nothing.stdout).toBe(asked.stdout)
  })

  test('of a verb shows its own options and examples', async () => {
    const { code, stdout } = await runCli(['plan', '--help'], { cwd: empty })
    expect(code).toBe(0)
    expect(stdout).toContain('--detailed-exitcode')
    expect(stdout).toContain('backfeed plan -s salesforce_accounts')
  })

  test('of a group names its verbs', async () => {
    const { code, stdout } = await runCli(['history', '--help'], { cwd: empty })
    expect(code).toBe(0)
    expect(stdout).toMatch(/history row <sync> <key>[\s\S]*history runs \[sync\][\s\S]*history field <sync> <field>/)
  })

  test('version is that of package.json', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect((await runCli(['--version'], { cwd: empty })).stdout).toBe(`backfeed ${version}\n`)
  })
})

describe('mistakes', () => {
  test.each([
    [['runn'], 'E-CLI-OPTION', 'unknown verb "runn", did you mean run?'],
    [['history', 'rows'], 'E-CLI-OPTION', 'did you mean row?'],
    [['plan', '--tagret', 'x'], 'E-CLI-OPTION', 'did you mean --target?'],
    [['run', '--allow', 'creates=5'], 'E-CLI-OPTION', '--allow needs --reason'],
    [['ls'], 'E-CFG-NOPROJECT', 'no project.yml'],
    [['explain', 'E-CFG-VALEU'], 'E-CLI-OPTION', 'did you mean E-CFG-VALUE?'],
  ])('%j exits 2 with %s on stderr only', async (args, code, text) => {
    const result = await runCli(args, { cwd: empty })
    expect(result.code).toBe(2)
    expect(result.stdout).toBe('')
    expect(result.stderr).toContain(`error ${code}  `)
    expect(result.stderr).toContain(text)
    expect(result.stderr).toContain(`more: backfeed explain ${code}`)
    expect(result.stderr).not.toMatch(/^\s+at /m)
  })

  test('end with one JSON object when JSON was asked for', async () => {
    for (const args of [
      ['plan', '--output', 'json', '--bogus'],
      ['ls', '--output=json'],
    ]) {
      const { code, stdout } = await runCli(args, { cwd: empty })
      expect(code).toBe(2)
      expect(stdout.trimEnd().split('\n')).toHaveLength(1)
      expect(lastJson(stdout)).toMatchObject({ status: 'error', exit: 2, problems: [{ severity: 'error' }] })
    }
  })

  test('verbs of later features say so', async () => {
    for (const verb of ['deps', 'retry']) {
      const { code, stderr } = await runCli([...verb.split(' '), 'some', '--thing'], { cwd: empty })
      expect([verb, code]).toEqual([verb, 2])
      expect(stderr).toContain(`error E-CLI-NOTYET  ${verb} is not supported yet`)
    }
  })

  test('secrets of the environment are in no message', async () => {
    const { stderr } = await runCli(['ls', '--project-dir', 'hunter22-x', '-t', 'hunter22-x'], {
      cwd: empty,
      env: { PGPASSWORD: 'hunter22-x' },
    })
    expect(stderr).not.toContain('hunter22-x')
  })
})

describe('results', () => {
  test('explain prints text, or one line of JSON, and writes the result file', async () => {
    const text = await runCli(['explain', 'e-cfg-value'], { cwd: empty })
    expect(text).toMatchObject({ code: 0, stderr: '' })
    expect(text.stdout).toContain('What to do:')
    const file = join(empty, 'deep/er/result.json')
    const json = await runCli(['explain', 'CFG-VALUE', '--output', 'json', '--result-file', file], { cwd: empty })
    expect(lastJson(json.stdout)).toMatchObject({ verb: 'explain', status: 'success', exit: 0, code: 'E-CFG-VALUE' })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(lastJson(json.stdout))
  })

  test('colour only where it was asked for', async () => {
    expect((await runCli(['explain', 'E-CFG-VALUE'], { cwd: empty })).stdout).not.toContain('\u001b')
    const forced = await runCli(['explain', 'E-CFG-VALUE'], { cwd: empty, env: { FORCE_COLOR: '1' } })
    expect(forced.stdout).toContain('\u001b[1mE-CFG-VALUE')
    const off = await runCli(['explain', 'E-CFG-VALUE', '--no-color'], { cwd: empty, env: { FORCE_COLOR: '1' } })
    expect(off.stdout).not.toContain('\u001b')
  })

  test('a stack trace comes only with --debug', async () => {
    expect((await runCli(['ls', '--debug'], { cwd: empty })).stderr).toMatch(/^\s+at /m)
  })
})

describe('completion', () => {
  test('prints a script', async () => {
    const { code, stdout } = await runCli(['completion', 'bash'], { cwd: empty })
    expect(code).toBe(0)
    expect(stdout).toContain('backfeed __complete')
  })

  test.each([
    [
      ['history', ''],
      ['row', 'runs', 'field', 'config'],
    ],
    [['plan', '-s', 'salesforce_a'], ['salesforce_accounts']],
    [
      ['history', 'row', 'hubspot_c'],
      ['hubspot_companies', 'hubspot_contacts'],
    ],
  ])('%j offers %j', async (words, expected) => {
    const { code, stdout, stderr } = await runCli(['__complete', ...words])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const offered = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t')[0])
    expect(offered).toEqual(expected)
  })

  test('is silent where there is no project', async () => {
    expect(await runCli(['__complete', 'run', '-s', ''], { cwd: empty })).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})
