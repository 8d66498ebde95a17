/** A warehouse that cannot be used, and folders and files that cannot be read or written. Real processes where those are the point. */
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { builtCli, cleanEnvironment, lastJson } from '../support/built-cli.ts'
import { SECRETS } from '../support/live-project.ts'
import { checkReport, type MistakeProject, mistakeProject, PROJECT_FILE, placeOf } from '../support/mistake-project.ts'

const holder = `const { DuckDBInstance } = require('@duckdb/node-api')
DuckDBInstance.create(process.argv[1]).then(() => console.log('held'))
setTimeout(() => {}, 60_000)`

/** Anybody but root: permissions mean nothing to root. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

let project: MistakeProject
beforeEach(async () => {
  project = await mistakeProject()
})
afterEach(async () => {
  await project.control.clearFaults()
  await project.close()
})

interface Process {
  /** Runs before the CLI, to make a module missing. */
  nodeOptions?: string
}

/** `backfeed run --output json` as its own process, as a user without privileges. */
async function runAlone({ nodeOptions = '' }: Process = {}) {
  const cli = await builtCli()
  chmodSync(join(cli, '../..'), 0o755)
  giveAway(project.dir)
  const child = spawn(process.execPath, [cli, 'run', '--output', 'json'], {
    ...nobody,
    cwd: project.dir,
    env: cleanEnvironment({ ...SECRETS, NODE_OPTIONS: nodeOptions, HOME: project.dir }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, exit] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1))),
  ])
  const result = { exit, stdout, stderr, json: lastJson(stdout) }
  const problems = checkReport(result)
  expect(await project.takeWrites()).toEqual([])
  return { ...result, problems }
}

function giveAway(path: string): void {
  if (nobody.uid === undefined) return
  const mode = statSync(path).mode & 0o777
  chownSync(path, nobody.uid, nobody.gid)
  chmodSync(path, mode)
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) giveAway(join(path, name))
}

const projectText = () => project.text(PROJECT_FILE)

describe('a warehouse', () => {
  test('E-WH-LOCKED: another process holds the file, and the message names it', async () => {
    mkdirSync(join(project.dir, 'target'))
    const child = spawn(process.execPath, ['-e', holder, join(project.dir, 'target/test.duckdb')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const changed = project.change({ [PROJECT_FILE]: [['schema: backfeed', 'schema: backfeed, lock_timeout_ms: 200']] })
    const told = await changed.tell()
    child.kill('SIGKILL')
    expect(told).toMatchObject({
      exit: 75,
      requests: 0,
      problems: [{ code: 'E-WH-LOCKED', ...changed.at(PROJECT_FILE, 'target/test.duckdb') }],
    })
    expect(told.problems[0]?.message).toContain(`is held by PID ${child.pid} (node)`)
    expect(told.problems[0]?.help).toContain('end that process or wait for it')
  })

  test('E-WH-PATH: a path that is no DuckDB file', async () => {
    mkdirSync(join(project.dir, 'target'))
    writeFileSync(
      join(project.dir, 'target/test.duckdb'),
      'this is a text of some length, and no database at all\n'.repeat(400),
    )
    const changed = project.change({})
    const told = await changed.tell()
    expect(told).toMatchObject({
      exit: 2,
      requests: 0,
      problems: [{ code: 'E-WH-PATH', ...changed.at(PROJECT_FILE, 'target/test.duckdb') }],
    })
    expect(told.problems[0]?.message).toContain('not a DuckDB database')
    expect(told.problems[0]?.help).toContain('set `path`')
  })

  test('E-WH-DRIVER: the optional driver is not installed', async () => {
    const missing = `import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent(\`export async function resolve(name, context, next) {
  if (name !== 'pg') return next(name, context)
  throw Object.assign(new Error("Cannot find package 'pg'"), { code: 'ERR_MODULE_NOT_FOUND' })
}\`))`
    const hook = join(project.dir, 'without-pg.mjs')
    writeFileSync(hook, missing)
    project.write(
      PROJECT_FILE,
      projectText().replace(/test: \{type: duckdb.*/, 'test: {type: postgres, host: 127.0.0.1, user: u, database: d}'),
    )
    const told = await runAlone({ nodeOptions: `--import ${hook}` })
    expect(told).toMatchObject({
      exit: 2,
      problems: [{ code: 'E-WH-DRIVER', ...placeOf(PROJECT_FILE, projectText(), 'postgres') }],
    })
    expect(told.problems[0]?.help).toMatch(/^npm install pg@\^8/)
    expect(await project.control.journal()).toEqual([])
  })

  test('E-WH-CONNECT: nobody listens', async () => {
    const changed = project.change({
      [PROJECT_FILE]: projectText().replace(
        /test: \{type: duckdb.*/,
        'test: {type: postgres, host: 127.0.0.1, port: 9, user: u, database: d}',
      ),
    })
    const told = await changed.tell()
    expect(told).toMatchObject({
      exit: 75,
      requests: 0,
      problems: [{ code: 'E-WH-CONNECT', ...changed.at(PROJECT_FILE, '127.0.0.1, port') }],
    })
    expect(told.problems[0]?.message).toContain('cannot reach 127.0.0.1:9/d: ECONNREFUSED')
    expect(told.problems[0]?.help).toContain('check host, port')
  })
})

describe('a file or folder', () => {
  test('E-CFG-PATH: the target folder cannot be written, and nobody is contacted', async () => {
    mkdirSync(join(project.dir, 'target'))
    giveAway(project.dir)
    chmodSync(join(project.dir, 'target'), 0o555)
    const told = await runAlone()
    expect(told).toMatchObject({ exit: 2, problems: [{ code: 'E-CFG-PATH' }] })
    expect(told.problems[0]?.message).toMatch(/the target folder target cannot be written \(EACCES\)/)
    expect(told.problems[0]?.help).toContain('--target-path')
    expect(await project.control.journal()).toEqual([])
  })

  test.each(['project.yml', 'syncs/accounts.yml', 'models'])('E-CFG-PATH: %s cannot be read', async (file) => {
    giveAway(project.dir)
    chmodSync(join(project.dir, file), 0o000)
    const told = await runAlone()
    chmodSync(join(project.dir, file), 0o755)
    expect(told.exit).toBe(2)
    expect(told.problems).toContainEqual(expect.objectContaining({ code: 'E-CFG-PATH', file, line: 1, column: 1 }))
    expect(told.stderr).toContain('help: let the user that runs Backfeed read it')
    expect(existsSync(join(project.dir, 'target/test.duckdb'))).toBe(false)
    expect(await project.control.journal()).toEqual([])
  })

  test('a log folder that cannot be written stops nothing', async () => {
    mkdirSync(join(project.dir, 'logs'))
    giveAway(project.dir)
    chmodSync(join(project.dir, 'logs'), 0o555)
    project.write('models/accounts.sql', 'select nothing\n')
    const told = await runAlone()
    expect(told.problems.map(({ code }) => code)).toEqual(['E-SQL-WAREHOUSE'])
  })
})
