/** A project folder, a warehouse, both CRMs behind the fault proxy, and real processes of the runner that use them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { JournalEntry } from '../../../emulator/core/journal.ts'
import type { TextRow } from '../../../runner/warehouse/warehouse.ts'
import { startTestEmulator, type TestEmulator } from '../../support/emulator.ts'
import { isWrite } from '../../support/live-project.ts'
import { openTestWarehouse, statement, type TestWarehouse, type TestWarehouseName } from '../../support/warehouses.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { type RunnerEnd, type RunnerOptions, type RunnerProcess, startRunner } from './runner-process.ts'

export const HOUR = 3_600_000

export const openGuards =
  'guards: {max_creates: 100%, max_updates: 100%, max_clears: 100%, max_quarantined: 100%, max_rejected: 100%, max_source_drop: 100%, min_source_rows: 0}'

/** Tokens of the lab. No output of any process may hold them. */
export const TOKENS = {
  SF_LAB_TOKEN: '00DxLabLabLabLab!aB3dE6gH9',
  HS_LAB_TOKEN: 'pat-na1-1ab01ab0-0000-4000-8000-1ab01ab01ab0',
}

export function holdsToken(text: string): boolean {
  return Object.values(TOKENS).some((token) => text.includes(token))
}

export interface ProcessLab {
  dir: string
  /** Processes that printed a token. */
  leaks: string[]
  emulator: TestEmulator
  proxy: FaultProxy
  warehouse: TestWarehouseName
  opened: TestWarehouse
  write(file: string, text: string): void
  /** Writes syncs/syncs.yml (entries below `syncs:`) and declares the tables they read. */
  syncs(entries: string, tables: readonly string[]): void
  exec(...statements: string[]): Promise<void>
  query(sql: string): Promise<TextRow[]>
  start(argv: readonly string[], options?: RunnerOptions): Promise<RunnerProcess>
  run(argv: readonly string[], options?: RunnerOptions): Promise<RunnerEnd>
  /** As if the time of every lease had run out on the warehouse's clock. */
  expireLeases(): Promise<void>
  /** Everything the CRMs received since the start. */
  journal(): Promise<JournalEntry[]>
  writeCount(): Promise<number>
  close(): Promise<void>
}

export interface LabRequest {
  warehouse: TestWarehouseName
  /** Further settings of the target: those of a proxy before the warehouse. */
  target?: Readonly<Record<string, unknown>>
  /** The address that the connections get instead of the proxy's. */
  crmUrl?: string
}

export async function openProcessLab({ warehouse, crmUrl, target = {} }: LabRequest): Promise<ProcessLab> {
  const emulator = await startTestEmulator()
  const proxy = await startFaultProxy(emulator.url)
  const opened = await openTestWarehouse(warehouse)
  const dir = mkdtempSync(join(tmpdir(), 'backfeed-faults-'))
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), text)
  }
  write('project.yml', projectYaml({ type: warehouse, ...opened.settings, ...target }, crmUrl ?? proxy.url))
  const release = <T>(value: T): Promise<T> => opened.warehouse.release().then(() => value)
  const lab: ProcessLab = {
    ...{ dir, emulator, proxy, warehouse, opened, write, leaks: [] },
    syncs(entries, tables) {
      write('syncs/syncs.yml', `version: 1\nsyncs:\n${entries}`)
      const declared = tables.map((table) => `      - {name: ${table}}\n`).join('')
      write('models/models.yml', `sources:\n  - name: app\n    schema: backfeed\n    tables:\n${declared}`)
    },
    exec: (...statements) => opened.warehouse.atomic(statements, statement('lab')).then(release),
    query: (sql) => opened.warehouse.rows(sql, { ...statement('query'), max: 2_000_000 }).then(release),
    start: (argv, options = {}) =>
      startRunner(dir, argv, { hurryBelowMs: 10_000, ...options, env: { ...TOKENS, ...options.env } }),
    async run(argv, options) {
      const end = await (await lab.start(argv, options)).ended
      if (holdsToken(end.stdout + end.stderr)) lab.leaks.push(`the output of ${argv.join(' ')}`)
      return end
    },
    expireLeases: () =>
      lab.exec("update backfeed.sync_lease set expires_at = timestamp '2000-01-01' where holder is not null"),
    journal: () => emulator.control.journal(),
    writeCount: async () => (await lab.journal()).filter(isWrite).length,
    async close() {
      await opened.drop()
      await proxy.close()
      await emulator.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return lab
}

function projectYaml(warehouse: Record<string, unknown>, url: string): string {
  return `name: faults
version: 1.0.0
default-target: dev
targets:
  dev: ${JSON.stringify({ ...warehouse, schema: 'backfeed' })}
connections:
  salesforce:
    type: salesforce
    targets:
      dev: {auth: access_token, instance_url: "${url}", access_token: "{{ env_var('SF_LAB_TOKEN') }}"}
  hubspot:
    type: hubspot
    targets:
      dev: {access_token: "{{ env_var('HS_LAB_TOKEN') }}", base_url: "${url}"}
`
}

/** A text literal, or null. */
export function quoted(value: string | null | undefined): string {
  return value === undefined || value === null ? 'null' : `'${value.replaceAll("'", "''")}'`
}
