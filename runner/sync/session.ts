/** What one command holds open for all of its syncs: the warehouse, the templates, the models, the clock. */
import type { TemplateEnvironment } from '../compile/compile.ts'
import type { Problem } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { ColumnProperties, Project, Sync, Target } from '../project/project.ts'
import type { StatementOptions, TableRef, Warehouse } from '../warehouse/warehouse.ts'
import type { Purpose } from './purpose.ts'
import type { Allowance, Verb } from './sync-run.ts'

/** The relation a sync reads. */
export interface SyncModel {
  /** `crm_accounts` or `crm.customers`. */
  name: string
  relation: TableRef
  properties: ReadonlyMap<string, ColumnProperties>
}

export interface Session {
  verb: Verb
  purpose: Purpose
  project: Project
  target: Target
  invocationId: string
  actor: string
  gitSha?: string
  runKey?: string
  clientTag: string
  emulatorUrl?: string
  /** BACKFEED_AUDIT_KEY: makes hashes of masked values useless to whoever does not have it. */
  auditKey: string
  allowance: Allowance
  locked: WhenLocked
  warehouse: Warehouse
  environment: TemplateEnvironment
  modelOf: (sync: Sync) => SyncModel
  ports: Ports
  signal: AbortSignal
  options: (tag: StatementOptions['tag']) => StatementOptions
  onEvent: (event: SyncEvent) => void
}

/** What to do when another run holds a sync. */
export interface WhenLocked {
  /** Waits this long for it to end. */
  waitMs: number
  /** Afterwards the sync counts as an error, or is left out with exit code 99. */
  after: 'fail' | 'skip'
}

/** What a command may print while work goes on. No row values, no secrets. */
export type SyncEvent =
  | { kind: 'start'; resource: 'model' | 'sync' | 'seed'; name: string; index: number; of: number }
  | {
      kind: 'end'
      resource: 'model' | 'sync' | 'seed'
      name: string
      index: number
      of: number
      status: 'ok' | 'error' | 'skipped'
      message: string
      seconds: number
    }
  | { kind: 'progress'; sync: string; message: string; done?: number; total?: number }
  | { kind: 'warning'; problem: Problem }
