/**
 * The warehouse seam. Semantics live in SQL; an adapter only carries statements and text cells.
 * Every cell is text or null: drivers round integers, cut timestamps and print NULL as a word. On every warehouse booleans
 * are `true`/`false`, dates `2024-01-31`, timestamps UTC with six digits `2024-01-31T09:08:07.000000Z` (a timestamp
 * without zone is taken as UTC), decimals keep their declared scale.
 * Nothing streams a result set: streams end short without an error, so tables are paged by a dense `seq` and counted.
 */
import type { Secret } from '../project/secret.ts'

export type WarehouseName = 'duckdb' | 'postgres' | 'redshift' | 'snowflake' | 'bigquery' | 'databricks'

/** Cells in the order of the select list; names are read by position because some warehouses upper-case them. */
export type TextRow = readonly (string | null)[]

export interface TableRef {
  schema: string
  name: string
}

/** Field types that may be mapped. `float` and `other` exist only to be refused by name. */
export type FieldType =
  | { kind: 'text' | 'bool' | 'integer' | 'date' | 'timestamp' }
  | { kind: 'decimal'; precision?: number; scale?: number } // both absent: numeric without a declared scale
  | { kind: 'float' | 'other'; declared: string }

export interface Column {
  name: string
  type: FieldType
  /** The warehouse's own spelling, for messages. */
  declared: string
}

export interface StatementOptions {
  /** Client-chosen statement id: request id, job id or SQL comment. The same id means the same statement. */
  id: string
  tag: Readonly<Record<'run' | 'sync' | 'step', string>>
  signal: AbortSignal
  /** Deadline of the call; on expiry the statement is cancelled on the server. */
  timeoutMs: number
}

/** `yes`: works. `no`: this warehouse cannot. `not yet`: nobody built it. Whatever needs it is refused by name. */
export type Capability = 'yes' | 'no' | 'not yet'

export interface WarehouseCapabilities {
  transactions: Capability
  ddlInTransaction: Capability
  mergeRejectsDuplicates: Capability
  /** The database is one file that one process at a time may open. */
  exclusiveFile: Capability
  cancelOnServer: Capability
  statementId: Capability
}

/**
 * What a driver's failure means. `data`: a value or a constraint refuses it, and it fails again as it is.
 * `conflict`, `transient`, `locked`: proven not applied, worth another try. `unknown`: it may have been applied.
 */
export type WarehouseErrorKind =
  | 'syntax'
  | 'missing'
  | 'permission'
  | 'data'
  | 'conflict'
  | 'transient'
  | 'locked'
  | 'unknown'

export interface Warehouse {
  readonly name: WarehouseName
  readonly capabilities: WarehouseCapabilities
  /** One statement. `affected` is the number of rows written, where the engine tells. */
  exec(sql: string, o: StatementOptions): Promise<{ affected?: number }>
  /** Small results only: throws E-WH-TOO-MANY-ROWS beyond `max`. */
  rows(sql: string, o: StatementOptions & { max: number }): Promise<TextRow[]>
  /** Rows with seq in [from, to], ordered by seq, columns as listed. Throws E-WH-SHORT-PAGE unless exactly to-from+1 rows came. */
  page(table: TableRef, columns: readonly string[], range: PageRange, o: StatementOptions): Promise<TextRow[]>
  /** At least once; rows carry event ids, so the same append repeated changes nothing in the views. Cells are cast to the column types. */
  append(table: TableRef, columns: readonly string[], rows: readonly TextRow[], o: StatementOptions): Promise<void>
  /** All or nothing. Statements and appends run in the order given. */
  atomic(steps: readonly AtomicStep[], o: StatementOptions): Promise<void>
  /** Undefined when the table or view does not exist. */
  columns(table: TableRef): Promise<readonly Column[] | undefined>
  estimate(sql: string): Promise<{ rows?: number; bytes?: number }>
  /** Give up exclusive hold of a file between units of work, so that an auditor can read. A no-op elsewhere. */
  release(): Promise<void>
  close(): Promise<void>
}

export interface PageRange {
  from: number
  to: number
}

export type AtomicStep = string | { table: TableRef; columns: readonly string[]; rows: readonly TextRow[] }

/** Connection settings of one target, validated by the project loader; unknown keys never reach an adapter. */
export type WarehouseSettings = Readonly<Record<string, string | number | boolean | Secret>>

/** What an adapter file exports; runner/warehouse/registry.ts lists them, one line each. */
export interface WarehouseAdapter {
  readonly name: WarehouseName
  /** Dialect files under macros/dialect/ laid over default.sql, nearest last: redshift is ['postgres', 'redshift']. */
  readonly dialectChain: readonly WarehouseName[]
  open(settings: WarehouseSettings, context: OpenContext): Promise<Warehouse>
}

export interface OpenContext {
  /** Relative paths in the settings start here; optional drivers may be installed here. */
  projectDir: string
  /** Called once for every statement that ended, well or not. Must not throw. */
  onStatement?: (timing: StatementTiming) => void
}

export interface StatementTiming {
  operation: 'exec' | 'rows' | 'page' | 'append' | 'atomic' | 'columns' | 'estimate'
  id: string
  tag: StatementOptions['tag']
  elapsedMs: number
  ok: boolean
}
