/** The CLI as users run it: compiled once per state of the sources, shared by every test file and later runs. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { REPOSITORY, readSources } from './source-text.ts'

const BUILDS = join(REPOSITORY, 'target/built-cli')
const KEPT_MS = 2 * 3_600_000

/** Path of the compiled cli.js. */
export async function builtCli(): Promise<string> {
  return join(await built(), 'runner/cli.js')
}

/** Path of the compiled crashing-cli.js: the same program, which dies or stops at a crash point when it is told to. */
export async function crashingCli(): Promise<string> {
  return join(await built(), 'tests/support/crashing-cli.js')
}

let known: Promise<string> | undefined

/** Once per process: a suite starts the program hundreds of times. */
function built(): Promise<string> {
  known ??= builtNow()
  return known
}

async function builtNow(): Promise<string> {
  const hash = createHash('sha256')
  const own = readSources('tests/support').filter(({ file }) => /(crashing-cli|when-under-way)\.ts$/.test(file))
  const sources = [...readSources('runner'), ...readSources('emulator'), ...own]
  for (const { file, text } of sources) hash.update(`${file}\n${text}\n`)
  const dir = join(BUILDS, hash.digest('hex').slice(0, 16))
  if (!existsSync(dir)) await build(dir)
  return dir
}

/** Two test files may build at the same time: each builds aside, the first to finish wins. */
async function build(dir: string): Promise<void> {
  mkdirSync(BUILDS, { recursive: true })
  // A younger one may be in use by a suite that began before the sources changed.
  for (const old of readdirSync(BUILDS).map((name) => join(BUILDS, name)))
    if (Date.now() - statSync(old).mtimeMs > KEPT_MS) rmSync(old, { recursive: true, force: true })
  const aside = mkdtempSync(join(BUILDS, 'building-'))
  const tsc = join(REPOSITORY, 'node_modules/typescript/bin/tsc')
  const result = spawnSync(
    process.execPath,
    [tsc, '-p', 'tests/support/tsconfig.crashing-cli.json', '--outDir', aside],
    {
      cwd: REPOSITORY,
      encoding: 'utf8',
    },
  )
  if (!existsSync(join(aside, 'runner/cli.js'))) throw new Error(`the build failed:\n${result.stdout}${result.stderr}`)
  try {
    renameSync(aside, dir)
  } catch {
    rmSync(aside, { recursive: true, force: true })
  }
}

export interface CliResult {
  code: number
  stdout: string
  stderr: string
}

export interface CliOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
}

/** Runs `backfeed …` to its end. The environment is the test's own, without BACKFEED_*, colours or CI. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const cli = await builtCli()
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [cli, ...args], {
      cwd: options.cwd ?? REPOSITORY,
      env: cleanEnvironment(options.env),
      maxBuffer: 64 * 1024 * 1024,
    })
    return { code: 0, stdout, stderr }
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number')
      return { code: error.code, stdout: textOf(error, 'stdout'), stderr: textOf(error, 'stderr') }
    throw error
  }
}

/** Starts `backfeed …` and leaves it running; the test ends it by its pid. */
export async function startCli(args: readonly string[], options: CliOptions = {}) {
  const cli = await builtCli()
  return spawn(process.execPath, [cli, ...args], {
    cwd: options.cwd ?? REPOSITORY,
    env: cleanEnvironment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export function cleanEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(BACKFEED_|NO_COLOR$|FORCE_COLOR$|CI$|NODE_OPTIONS$|VITEST|npm_)/.test(name),
  )
  return { ...Object.fromEntries(kept), ...more }
}

/** The last line of stdout as JSON. */
export function lastJson(stdout: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError('the last line is not an object')
  return { ...parsed }
}

function textOf(error: object, key: 'stdout' | 'stderr'): string {
  return key in error ? String((error as Record<string, unknown>)[key]) : ''
}
