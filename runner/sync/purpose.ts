/** What a run is for decides where its changes come from; everything before and after that is one code path. */
import type { Problem } from '../errors.ts'
import type { Sync } from '../project/project.ts'
import type { AtomicStep } from '../warehouse/warehouse.ts'
import type { GuardVerdict } from './guard-plan.ts'
import type { PackageModel } from './materialize.ts'
import type { ReachedCrm } from './open-sync-run.ts'
import type { PlanCounts } from './plan-counts.ts'
import type { Session } from './session.ts'
import type { SyncRun } from './sync-run.ts'

/** `sync` sends what the model wants; the others are named by their verb. Column `purpose` of sync_run. */
export type PurposeName = 'sync' | 'apply' | 'revert' | 'adopt' | 'drift' | 'reconcile' | 'rekey'

export interface SourceCounts {
  /** Rows of the model. */
  source: number
  /** Keys that were looked at. */
  candidates: number
  /** Rows of the model behind those keys. */
  candidateRows: number
}

export interface Purpose {
  readonly name: PurposeName
  /** Builds what comes before the CRM is read; the last table is `reads`: the match values whose records are wanted. */
  prepare(run: SyncRun): Promise<void>
  /** Builds `decisions` and `changes` from the snapshot. */
  decide(run: SyncRun): Promise<void>
  /** Ledger models that record this plan. */
  readonly records: readonly PackageModel[]
  countSource(run: SyncRun): Promise<SourceCounts>
  /** Every row of the source is looked at, and every record that a row was ever matched to is read. Default: no, as below. */
  readonly whole?: boolean
  /** What somebody changed in the CRM since it was written is written again. */
  readonly repairs?: boolean
  /** Only these primary keys; empty: all. */
  readonly keys?: readonly string[]
  /** Columns of the model that hold the primary key of before: state is about that one until this run has ended. */
  readonly formerKey?: readonly string[]
  /** No record is read: the plan comes from the warehouse alone. */
  readonly isOffline?: boolean
  /** A reconcile that waits until unknown rows can be read back. */
  readonly waits?: boolean
  /** Whether the guards about the source (empty, shrunk, quarantined) say anything about this plan. */
  readonly readsSource: boolean
  /** Why nothing may be sent for this purpose. Asked for every sync before the first one begins; no lease is held yet. */
  check?(session: Session, request: { sync: Sync; crm: ReachedCrm }): Promise<Problem[]>
  /** The saved plan that is sent instead of a new one, and the prefix of its change ids. */
  source?(sync: Sync): { planId: string; trace: string }
  /** Last word on what the guards say. */
  judge?(run: SyncRun, verdicts: GuardVerdict[]): GuardVerdict[]
  /** One sentence about the plan for people. */
  note?(counts: PlanCounts): string | undefined
  /** Becomes durable together with the word that sending begins. */
  beforeSending?(run: SyncRun): readonly AtomicStep[]
  /** What a person must know about this plan beyond its counts. */
  notes?(run: SyncRun, limit: number): Promise<PlanNotes>
}

export interface PlanNotes {
  /** One sentence without row values. */
  note?: string
  /** Rows and fields that are left alone, with the reason in words. */
  undecided: readonly { key: string; rule: string; message: string }[]
}
