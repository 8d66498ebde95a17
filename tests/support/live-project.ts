/** A project folder and an emulator, both thrown away afterwards. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type ControlClient, controlClient } from '../../emulator/core/control-client.ts'
import type { JournalEntry } from '../../emulator/core/journal.ts'
import { startEmulator } from '../../emulator/start.ts'
import { type CliResult, runCli } from './in-process-cli.ts'

export interface LiveProject {
  dir: string
  control: ControlClient
  /** Where both CRMs answer. */
  crmUrl: string
  write(file: string, text: string): void
  cli(...argv: string[]): Promise<CliResult>
  /** With more in the environment. */
  cliWith(env: Readonly<Record<string, string>>, ...argv: string[]): Promise<CliResult>
  /** Requests since the last call that could have written something. */
  takeWrites(): Promise<JournalEntry[]>
  close(): Promise<void>
}

/** Secrets of the test connections; nothing may ever print them. */
export const SECRETS = {
  SF_TEST_TOKEN: '00Dxx0000000001!sEcReTsAlEsFoRcEtOkEn',
  HS_TEST_TOKEN: 'pat-na1-5ec2e700-0000-4000-8000-5ec2e75ec2e7',
}

export async function liveProject(files: Readonly<Record<string, string>>): Promise<LiveProject> {
  const dir = mkdtempSync(join(tmpdir(), 'backfeed-test-'))
  const emulator = await startEmulator({ seed: 7 })
  const control = controlClient(emulator.controlUrl)
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), text)
  }
  write('project.yml', projectYaml(emulator.url))
  for (const [file, text] of Object.entries(files)) write(file, text)
  return {
    dir,
    control,
    crmUrl: emulator.url,
    write,
    cli: (...argv) => runCli({ cwd: dir, env: SECRETS }, argv),
    cliWith: (env, ...argv) => runCli({ cwd: dir, env: { ...SECRETS, ...env } }, argv),
    takeWrites: async () => {
      const writes = (await control.journal()).filter(isWrite)
      await control.clearJournal()
      return writes
    },
    close: async () => {
      await emulator.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Reads of HubSpot are POSTs too (batch read, search), and so are the token endpoints. */
export function isWrite(entry: JournalEntry): boolean {
  if (entry.method === 'GET' || entry.method === 'HEAD') return false
  return !/\/(batch\/read|search|oauth2\/token|oauth\/.*token[\w-]*(\/introspect)?|query)(\?|$)/.test(entry.path)
}

export function projectYaml(url: string): string {
  return `name: promises
version: 1.0.0
default-target: test
targets:
  test: {type: duckdb, path: target/test.duckdb, schema: backfeed}
connections:
  salesforce:
    type: salesforce
    targets:
      test: {auth: access_token, instance_url: "${url}", access_token: "{{ env_var('SF_TEST_TOKEN') }}"}
  hubspot:
    type: hubspot
    targets:
      test: {access_token: "{{ env_var('HS_TEST_TOKEN') }}", base_url: "${url}"}
`
}

/** One cell of a VALUES list with its type, so that a null has one too. */
export function cell(value: string | number | boolean | null, type: string): string {
  if (value === null) return `cast(null as ${type})`
  return `cast('${String(value).replaceAll("'", "''")}' as ${type})`
}

export type Rows = readonly Readonly<Record<string, string | number | boolean | null>>[]

/** A model of literal rows. Columns and their types come in the order of `types`. */
export function valuesModel(types: Readonly<Record<string, string>>, rows: Rows): string {
  const columns = Object.entries(types)
  const tuples = rows.map((row) => `(${columns.map(([name, type]) => cell(row[name] ?? null, type)).join(', ')})`)
  return `select ${columns.map(([name]) => name).join(', ')}\nfrom (values\n  ${tuples.join(',\n  ')}\n) as rows_given(${columns.map(([name]) => name).join(', ')})\n`
}
