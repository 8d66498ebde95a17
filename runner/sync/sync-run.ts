/** Everything one sync needs while it is planned and run. Made once by open-sync-run.ts, passed by reference, never global. */

import type { LedgerTable } from '../audit/ledger.ts'
import type { RunLog } from '../audit/run-log.ts'
import type { TemplateEnvironment } from '../compile/compile.ts'
import type { Destination, DestinationTraits, OrgIdentity } from '../destination/destination.ts'
import type { Ports } from '../ports.ts'
import type { Project, Sync, Target } from '../project/project.ts'
import type { StatementOptions, Warehouse } from '../warehouse/warehouse.ts'
import type { CrmSchema } from './describe-crm.ts'
import type { Lease } from './lease.ts'
import type { Purpose } from './purpose.ts'
import type { RemovalLimits } from './removals/removal-limits.ts'
import type { ActivePhase } from './rollout/active-phase.ts'
import type { RunJournal } from './run-journal.ts'
import type { SyncContext } from './sync-context.ts'

export type Verb = 'plan' | 'run'

/** What the models under models/sync and models/ledger see as `run`. */
export interface RunContext {
  id: string
  plan_id: string
  org_id: string
  epoch: number
  /** Prefix of the change ids: the same for a plan and the run that follows it, different after every run. */
  trace: string
  /** SQL literal of the run's start, UTC, on the warehouse's clock. */
  now: string
  audit_salt: string
  /** Whether rows that left may be removed in this run. */
  removal: RemovalLimits
  whole: boolean
  repairs: boolean
  /** Only these primary keys; empty: all. */
  keys: readonly string[]
  /** Place in the log of the read-back that is being folded. */
  resolution_seq: number
  /** The plan this one is made from: a saved plan whose rows are sent, or that of the run that is reverted; null: its own. */
  source_plan_id: string | null
  /** `id`: the values of `reads` are record ids. Default: values of the match field. */
  reads_by?: 'id'
  revert?: RevertContext
  ledger: Record<LedgerTable, string>
}

/** What the models under models/revert see as `run.revert`. API names, except where slugs are said. */
export interface RevertContext {
  /** Fields to put back. */
  fields: readonly string[]
  /** All fields of the mapping as it is now. */
  mapped: readonly string[]
  /** Slugs of fields that the CRM refuses to blank. */
  not_clearable: readonly string[]
  /** Only the keys of the table wanted_keys. */
  has_keys: boolean
}

export interface SyncRun extends CrmSchema {
  verb: Verb
  purpose: Purpose
  project: Project
  target: Target
  sync: Sync
  invocationId: string
  actor: string
  gitSha?: string
  /** Active phase of the rollout; absent without one. */
  rollout?: ActivePhase
  org: OrgIdentity
  lease: Lease
  log: RunLog
  warehouse: Warehouse
  environment: TemplateEnvironment
  destination: Destination
  traits: DestinationTraits
  context: { sync: SyncContext; run: RunContext }
  ports: Ports
  /** Nothing new is begun after it. */
  signal: AbortSignal
  /** Comes after `signal` by the grace: what is under way is cut off, and its outcome unknown. */
  inFlight: AbortSignal
  /** Absent where answers are not kept on the local disk. */
  journal?: RunJournal
  options: (step: string) => StatementOptions
  /** One line for people about what is happening; never row values. */
  progress: (message: string, done?: number, total?: number) => void
}

/** The hash of a run id is enough to tell change ids of different runs apart, and short enough for every row. */
export type AllowedGuard =
  | 'creates'
  | 'updates'
  | 'clears'
  | 'field_clears'
  | 'deletes'
  | 'conflicts'
  | 'quarantined'
  | 'shrink'
  | 'empty'

export interface Allowance {
  /** `--allow creates=2000`: a count, or a percentage for `shrink`. */
  limits: Partial<Record<AllowedGuard, number>>
  reason?: string
}
