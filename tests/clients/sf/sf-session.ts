/** One fresh home folder of the `sf` command line, with its logins and files. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Org, TOKEN_SHAPED_LIKE_ONE } from '../org.ts'
import { runCommand } from '../run-command.ts'
import type { InstalledSf } from './install-sf.ts'

export interface SfAnswer {
  stdout: string
  /** Of `--json`: the whole answer; else undefined. */
  json: SfJson
}

export interface SfJson {
  status?: number
  name?: string
  message?: string
  // biome-ignore lint/suspicious/noExplicitAny: every command has a result of its own shape
  result?: any
}

export interface SfSession {
  org: Org
  /** Runs `sf …args`. Rejects with what sf said when it ends with another exit code than 0, or `exit`. */
  sf(args: readonly string[], exit?: number): Promise<SfAnswer>
  /** A file in sf's working folder. */
  write(name: string, text: string): void
  read(name: string): string
  close(): void
}

const COMMAND_TIMEOUT_MS = 55_000

export function openSfSession(org: Org, installed: InstalledSf): SfSession {
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-clients-sf-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const work = join(folder, 'work')
  mkdirSync(work)
  const env = environment(folder, installed.path)
  return {
    org,
    sf: async (args, exit = 0) => {
      const result = await runCommand('sf', args, { cwd: work, env, timeoutMs: COMMAND_TIMEOUT_MS })
      const json = args.includes('--json') ? parsed(result.stdout) : {}
      if (result.code === exit) return { stdout: result.stdout, json }
      const said = json.message ?? (`${result.stdout}\n${result.stderr}`.trim() || 'nothing')
      throw new Error(`exit code ${result.code ?? '(killed)'} instead of ${exit}; sf said: ${said}`)
    },
    write: (name, text) => writeFileSync(join(work, name), text),
    read: (name) => readFileSync(join(work, name), 'utf8'),
    close: remove,
  }
}

/** Nothing of this machine but its programs: no login, no telemetry, no update, no keychain, no proxy. */
function environment(home: string, path: readonly string[]): NodeJS.ProcessEnv {
  return {
    PATH: [...path, process.env.PATH ?? ''].join(delimiter),
    HOME: home,
    USERPROFILE: home,
    SF_ACCESS_TOKEN: TOKEN_SHAPED_LIKE_ONE,
    SF_DISABLE_TELEMETRY: 'true',
    SF_AUTOUPDATE_DISABLE: 'true',
    SF_SKIP_NEW_VERSION_CHECK: 'true',
    SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
    NO_COLOR: '1',
  }
}

function parsed(stdout: string): SfJson {
  try {
    return JSON.parse(stdout) as SfJson
  } catch {
    return {}
  }
}
