/** What a run is for decides where its changes come from; everything before and after that is one code path. */
import type { PackageModel } from './materialize.ts'
import type { SyncRun } from './sync-run.ts'

/** `sync` sends what the model wants; the others are named by their verb. Column `purpose` of sync_run. */
export type PurposeName = 'sync' | 'apply' | 'revert' | 'adopt' | 'drift'

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
  /** Every row of the source is looked at, and every record that a row was ever matched to is read. */
  readonly whole: boolean
  /** What somebody changed in the CRM since it was written is written again. */
  readonly repairs: boolean
  /** Only these primary keys; empty: all. */
  readonly keys: readonly string[]
  /** Whether the guards about the source (empty, shrunk, quarantined) say anything about this plan. */
  readonly readsSource: boolean
}
