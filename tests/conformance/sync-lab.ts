/** One sync under a magnifying glass: any table, any mapping, faults, crashes and a clock that can be moved. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { JournalEntry } from '../../emulator/core/journal.ts'
import type { Problem } from '../../runner/errors.ts'
import { type Journal, type Ports, systemPorts } from '../../runner/ports.ts'
import { loadProject } from '../../runner/project/load-project.ts'
import type { Project, Target } from '../../runner/project/project.ts'
import type { SyncResult } from '../../runner/sync/execute-sync.ts'
import { linkSync } from '../../runner/sync/links/link-sync.ts'
import type { Purpose } from '../../runner/sync/purpose.ts'
import { type ExecuteRequest, executeSyncs } from '../../runner/sync/run-sync.ts'
import type { Allowance, Verb } from '../../runner/sync/sync-run.ts'
import { openWarehouse } from '../../runner/warehouse/registry.ts'
import type { TextRow } from '../../runner/warehouse/warehouse.ts'
import { startTestEmulator, type TestEmulator } from '../support/emulator.ts'
import { isWrite } from '../support/live-project.ts'
import { shiftedWarehouse } from '../support/shifted-warehouse.ts'
import { openTestWarehouse, statement, type TestWarehouse, type TestWarehouseName } from '../support/warehouses.ts'

export interface RunOptions {
  /** Dies when this crash point is reached for the n-th time (from 1). */
  crashAt?: string
  nth?: number
  onPoint?: (point: string) => void
  signal?: AbortSignal
  env?: Readonly<Record<string, string>>
  /** Cuts every wait, deadlines of requests among them. */
  longestWaitMs?: number
  /** Waits of exactly this long take no time and move the clock of the lab on. */
  virtualWaitMs?: number
  /** Default: the common run. */
  purpose?: Purpose
  /** Instead of files on the local disk. */
  journal?: Journal
  runKey?: string
  /** For another run that holds the sync. Default: not at all. */
  waitMs?: number
  beforeClose?: ExecuteRequest['beforeClose']
  allowance?: Allowance
  /** Links the sync by this property instead of running it. */
  linkBy?: string
  /** How far the wall clock of this run's machine is ahead of the lab's and the warehouse's; negative: behind. */
  skewMs?: number | (() => number)
}

export interface LabOptions {
  /** Target of the connection "hubspot" as YAML, from the address of the emulator. */
  hubspot?: (crmUrl: string) => Promise<string>
  /** For env_var() of the project. */
  env?: Readonly<Record<string, string>>
}

export interface SyncLab {
  /** Of the project. */
  dir: string
  emulator: TestEmulator
  opened: TestWarehouse
  /** Writes syncs/syncs.yml: the entries below `syncs:`, each an indented YAML list item. */
  syncs(entries: string, properties?: string): void
  exec(...statements: string[]): Promise<void>
  query(sql: string): Promise<TextRow[]>
  execute(verb: Verb, sync: string, options?: RunOptions): Promise<SyncResult>
  /** Warnings of the last command. */
  warnings(): Problem[]
  /** Write requests since the last call. */
  writes(): Promise<JournalEntry[]>
  /** Every element of every write body since the last call. */
  sent(): Promise<Record<string, unknown>[]>
  /** Time passes: the wall clocks of the runners and the warehouse's move on. */
  advance(ms: number): void
  /** On the clock of the warehouse, and of a runner without skew. */
  nowMs(): number
  /** For what opens a session of its own. */
  openWarehouse: typeof openWarehouse
  /** The project as its files are now. */
  loaded(): { project: Project; target: Target }
  close(): Promise<void>
}

export const openGuards =
  'guards: {canary_rows: 0, max_creates: 100%, max_updates: 100%, max_clears: 100%, max_field_clears: 100%, max_conflicts: 100%, max_quarantined: 100%, max_rejected: 100%, max_source_drop: 100%, min_source_rows: 0}'

export class Crash extends Error {}

export async function openLab(name: TestWarehouseName, labOptions: LabOptions = {}): Promise<SyncLab> {
  const emulator = await startTestEmulator()
  const unshifted = await openTestWarehouse(name)
  const dir = mkdtempSync(join(tmpdir(), 'backfeed-lab-'))
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), text)
  }
  const hubspot = (await labOptions.hubspot?.(emulator.url)) ?? '{emulator: true}'
  write('project.yml', projectYaml({ type: name, ...unshifted.settings }, hubspot))
  let offsetMs = 0
  const opened = { ...unshifted, warehouse: shiftedWarehouse(unshifted.warehouse, () => offsetMs) }
  let warnings: Problem[] = []
  const nowMs = () => Date.now() + offsetMs
  const lab: SyncLab = {
    dir,
    emulator,
    opened,
    syncs(entries, properties = '') {
      write('syncs/syncs.yml', `version: 1\nsyncs:\n${entries}`)
      write(
        'models/models.yml',
        `sources:\n  - name: app\n    schema: backfeed\n    tables:\n${properties || '      - {name: rows_given}'}\n`,
      )
    },
    async exec(...statements) {
      await opened.warehouse.atomic(statements, statement('lab'))
      await opened.warehouse.release()
    },
    async query(sql) {
      const rows = await opened.warehouse.rows(sql, { ...statement('query'), max: 100_000 })
      await opened.warehouse.release()
      return rows
    },
    async execute(verb, sync, options = {}) {
      warnings = []
      const project = loadProject({ dir, env: labOptions.env ?? {} })
      const target = project.targets.get('dev')
      const wanted = project.syncs.get(sync)
      if (!target || !wanted) throw new Error(`no sync ${sync}`)
      const { syncs } = await executeSyncs({
        verb,
        ...(options.purpose && { purpose: options.purpose }),
        ...(options.runKey && { runKey: options.runKey }),
        ...(options.waitMs && { locked: { waitMs: options.waitMs, after: 'fail' as const } }),
        ...(options.allowance && { allowance: options.allowance }),
        ...(options.beforeClose && { beforeClose: options.beforeClose }),
        project,
        target,
        env: options.env ?? {},
        ports: labPorts({ nowMs, advance: lab.advance }, options),
        signal: options.signal ?? new AbortController().signal,
        onEvent: (event) => {
          if (event.kind === 'warning') warnings.push(event.problem)
        },
        emulatorUrl: emulator.url,
        openWarehouse: lab.openWarehouse,
        syncs: [options.linkBy === undefined ? wanted : linkSync(project, wanted, options.linkBy)],
        report: { samples: 1_000, requests: verb === 'plan' },
      })
      if (!syncs[0]) throw new Error('no result')
      return syncs[0]
    },
    warnings: () => warnings,
    async writes() {
      const entries = (await emulator.control.journal()).filter(isWrite)
      await emulator.control.clearJournal()
      return entries
    },
    sent: async () => (await lab.writes()).flatMap(({ body }) => elements(body)),
    advance(ms) {
      offsetMs += ms
    },
    nowMs,
    openWarehouse: async (target, context) => shiftedWarehouse(await openWarehouse(target, context), () => offsetMs),
    loaded() {
      const project = loadProject({ dir, env: labOptions.env ?? {} })
      const target = project.targets.get('dev')
      if (!target) throw new Error('no target')
      return { project, target }
    },
    async close() {
      await opened.drop()
      await emulator.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return lab
}

function labPorts({ nowMs, advance }: Pick<SyncLab, 'nowMs' | 'advance'>, options: RunOptions): Ports {
  const system = systemPorts()
  const { longestWaitMs = Number.POSITIVE_INFINITY } = options
  const shorter = (ms: number): number => Math.min(longestWaitMs, ms < 3_500 ? ms / 20 : ms)
  const { skewMs: skew = 0 } = options
  const skewMs = typeof skew === 'number' ? () => skew : skew
  let seen = 0
  return {
    ...system,
    ...(options.journal && { journal: options.journal }),
    // Waits between attempts are short; the deadline of a request is a sleep too, and stays.
    clock: {
      ...system.clock,
      nowMs: () => nowMs() + skewMs(),
      async sleep(ms, signal) {
        if (ms === options.virtualWaitMs) advance(ms)
        else await system.clock.sleep(shorter(ms), signal)
      },
    },
    crashPoints: {
      at(point) {
        options.onPoint?.(point)
        if (point !== options.crashAt) return
        seen += 1
        if (seen === (options.nth ?? 1)) throw new Crash(point)
      },
    },
  }
}

function elements(body: unknown): Record<string, unknown>[] {
  if (typeof body !== 'object' || body === null) return []
  const list = 'records' in body ? body.records : 'inputs' in body ? body.inputs : []
  return Array.isArray(list) ? (list as Record<string, unknown>[]) : []
}

function projectYaml(warehouse: Record<string, unknown>, hubspot: string): string {
  return `name: lab
version: 1.0.0
model-paths: [models]
sync-paths: [syncs]
default-target: dev
targets:
  dev: ${JSON.stringify(warehouse)}
connections:
  salesforce: {type: salesforce, targets: {dev: {emulator: true}}}
  hubspot: {type: hubspot, targets: {dev: ${hubspot}}}
`
}

/** A text literal, or null. */
export function quoted(value: string | null | undefined): string {
  return value === undefined || value === null ? 'null' : `'${value.replaceAll("'", "''")}'`
}
