/**
 * The loaded project: plain data, validated, defaults filled in. loadProject() is the only maker.
 * Everything after loading works on these types; nothing reads YAML again.
 */
import type { Position } from '../errors.ts'
import type { WarehouseName, WarehouseSettings } from '../warehouse/warehouse.ts'
import type { Rule } from './rule.ts'
import type { Secret } from './secret.ts'
import type { AssociatedSync, Association } from './sync-association.ts'
import type { LinkedSync, SyncMatch } from './sync-match.ts'

export interface Project {
  /** Absolute path of the folder with project.yml. */
  dir: string
  name: string
  version: string
  paths: { models: string[]; macros: string[]; syncs: string[]; seeds: string[]; tests: string[]; target: string }
  cleanTargets: string[]
  defaultTarget: string
  /** The target this project was loaded for (`--target`, else the default). */
  activeTarget: string
  /** Every target the project declares, for messages and completion. */
  targetNames: readonly string[]
  /**
   * The active target only. The others were checked for shape, but their settings may name environment variables
   * that exist only where that target is used, so they are not resolved and not here.
   */
  targets: ReadonlyMap<string, Target>
  connections: ReadonlyMap<string, Connection>
  vars: Readonly<Record<string, unknown>>
  audit: AuditDefaults
  models: ReadonlyMap<string, Model>
  seeds: ReadonlyMap<string, Seed>
  sources: ReadonlyMap<string, Source>
  syncs: ReadonlyMap<string, Sync>
  /** Macro files of the project, in load order; the package's own come first and are not listed here. */
  macroFiles: readonly SourceFile[]
  /** Warnings met while loading (W-…); the CLI prints them once. */
  warnings: readonly import('../errors.ts').Problem[]
}

/** A text file of the project. `file` is relative to the project folder, with forward slashes. */
export interface SourceFile {
  file: string
  text: string
}

export interface Target {
  name: string
  type: WarehouseName
  /** Schema of models, seeds and Backfeed's private tables. Default `backfeed`. */
  schema: string
  threads: number
  /** Writes need --target typed, and a saved plan or --auto-approve. */
  protect?: boolean
  /** For syncs that say nothing. */
  requireApproval?: ApprovalRule
  /** Of the target's name and of its settings, for errors of the warehouse; the loader always sets them. */
  at?: Position
  settingsAt?: Readonly<Record<string, Position>>
  /** Adapter settings (path, host, user, password: Secret, …) without type, schema, threads and the two above. */
  settings: WarehouseSettings
}

export interface Connection {
  name: string
  type: 'salesforce' | 'hubspot'
  /** What the active target reaches; empty when it is not listed, and then it cannot reach this CRM at all. */
  targets: ReadonlyMap<string, ConnectionTarget>
  at: Position
}

/** Where an entry and its keys are written, for errors of the CRM; the loader always sets them. */
export interface ConnectionPlaces {
  at?: Position
  settingsAt?: Readonly<Record<string, Position>>
}

export type ConnectionTarget = ConnectionPlaces &
  (
    | { emulator: true; expect?: ExpectedOrg }
    | {
        emulator: false
        /** Salesforce: access_token | client_credentials | jwt_bearer | refresh_token. HubSpot: access_token. */
        auth: string
        /** Everything else of the entry; what came from env_var() is a Secret, except URLs and api_version: instance_url, base_url, login_url, client_id, access_token, api_version … */
        settings: Readonly<Record<string, string | number | boolean | Secret>>
        expect?: ExpectedOrg
      }
  )

export interface ExpectedOrg {
  /** Salesforce organisation id or HubSpot portal id, as text. */
  orgId?: string
  isSandbox?: boolean
}

export interface AuditDefaults {
  /** Schema of the public views. Default `backfeed_audit`. */
  schema: string
  values: AuditValues
  hashChain: boolean
}

export type AuditValues = 'full' | 'masked' | 'hashed' | 'none'

export interface Model {
  name: string
  file: string
  text: string
  description?: string
  /** table (default) | view, from config() in the file, the property file or project.yml, nearest wins. */
  materialized: 'table' | 'view'
  /** Schema override (`+schema`); undefined means the target's schema. */
  schema?: string
  tags: readonly string[]
  /** Property file columns, by name. */
  columns: ReadonlyMap<string, ColumnProperties>
}

export interface Seed {
  name: string
  file: string
  description?: string
  tags: readonly string[]
  columns: ReadonlyMap<string, ColumnProperties>
}

export interface Source {
  /** `source('crm', 'customers')` has the key `crm.customers`. */
  sourceName: string
  table: string
  schema?: string
  database?: string
  identifier: string
  columns: ReadonlyMap<string, ColumnProperties>
}

export type SemanticType = 'email' | 'phone' | 'domain' | 'country' | 'name' | 'url' | 'currency' | 'percent'

export interface ColumnProperties {
  name: string
  description?: string
  /** `data_type:` — for seeds the type the column is loaded as. */
  dataType?: string
  /** `semantic_type:` — gives default rules, a standardiser and masking to every sync that maps the column. */
  semanticType?: SemanticType
  /** `sensitive:` — mask | hash | none-of-it; defaults from the semantic type (email, phone and name: mask). */
  sensitive?: 'mask' | 'hash' | 'omit'
  /** From `data_tests:`; only what has a rule of the same meaning. */
  rules: readonly Rule[]
  at: Position
}

export type SyncMode = 'upsert' | 'update' | 'create'
export type NullPolicy = 'ignore' | 'clear' | 'reject'
export type WriteRule = 'always' | 'on_create' | 'if_empty'
export type FirstSync = 'hold' | 'fill_blank' | 'overwrite'
export type MatchStrategy = 'external_id' | 'unique_property' | 'lookup'
export type OnFail = 'quarantine' | 'skip' | 'fail'
/** Which writes somebody must have approved as a saved plan. */
export type ApprovalRule = 'never' | 'first_run' | 'always'

export interface Sync {
  name: string
  file: string
  description?: string
  /** What `model:` names. */
  model: ModelReference
  primaryKey: readonly string[]
  /** Of parts of the file, for errors found later; the loader always sets them. */
  primaryKeyAt?: Position
  objectAt?: Position
  connectionAt?: Position
  dependsOnAt?: readonly Position[]
  /** By key of `guards:`, for those that are written. */
  guardsAt?: Readonly<Record<string, Position>>
  /** By column of `audit.sensitive`. */
  sensitiveAt?: Readonly<Record<string, Position>>
  connection: string
  object: string
  mode: SyncMode
  match: SyncMatch
  /** Made by `link` of another sync; no file holds such a sync. */
  link?: LinkedSync
  /** Absent: none. */
  associate?: readonly Association[]
  association?: AssociatedSync
  fields: readonly FieldMapping[]
  ownership: { crm: readonly string[]; onDrift: 'overwrite' | 'keep' | 'quarantine' }
  firstSync: FirstSync
  /** Absent: as the target says. */
  requireApproval?: ApprovalRule
  requireApprovalAt?: Position
  onRemoved: 'nothing'
  /** Rules of the sync file; rules of the model's property file are added by compile. */
  validate: readonly Rule[]
  guards: Guards
  writeOptions?: WriteOptions
  limits: {
    batchSize?: number
    concurrency: number
    requestsPerSecond?: number
    bulkAbove?: number
    dailyApiBudget?: Limit
  }
  /** Of the settings above that not every CRM has, by key. */
  vendorSettingsAt?: Readonly<Record<string, Position>>
  /** Written for orchestrators and shown in `ls`; nothing in the runner waits for it. */
  schedule?: { every: string }
  dependsOn: readonly string[]
  tags: readonly string[]
  owner?: { name: string; email?: string }
  audit: { values: AuditValues; sensitive: Readonly<Record<string, 'mask' | 'hash' | 'omit'>> }
  at: Position
  /** The sync as written, rendered and with defaults merged, secrets redacted: what config_versions stores and diffs. */
  rendered: Readonly<Record<string, unknown>>
}

/** How a write runs in the CRM beyond the values it sets; what is absent has the safe value. Salesforce only. */
export interface WriteOptions {
  /** Which assignment rule may give the record to somebody: `none` (default), the `active` one, or a rule by id. */
  assignmentRule?: string
  duplicateRule?: {
    /** Save although an alerting duplicate rule matches. Never the default. */
    allowSave?: boolean
    /** Compare only with records that the integration user may see. */
    asCurrentUser?: boolean
  }
}

export type ModelReference =
  | { kind: 'ref'; name: string; at: Position }
  | { kind: 'source'; source: string; table: string; at: Position }

export interface FieldMapping {
  /** API name of the CRM field. */
  to: string
  /** Column of the model; absent exactly when `value` is given. */
  from?: string
  /** Constant, as canonical text; `valueKind` says how it was written. */
  value?: string
  valueKind?: 'text' | 'number' | 'bool'
  onNull: NullPolicy
  write: WriteRule
  /** Boolean column that means Clear, or a text that does. */
  clearWhen?: string
  sentinel?: string
  /** The value is this key of the record the field points to. */
  reference?: { object: string; field: string; at: Position; objectAt: Position; fieldAt: Position }
  /** Of the values of `to:`, `from:`, `value:`, `clear_when:` and `sentinel:`. */
  at: Position
  fromAt?: Position
  valueAt?: Position
  clearWhenAt?: Position
  sentinelAt?: Position
}

/** A limit as a share of the source's rows (0–100) or a count. */
export type Limit = { percent: number } | { count: number }

export interface Guards {
  minSourceRows: number
  maxSourceDrop: Limit
  maxCreates: Limit
  maxUpdates: Limit
  maxClears: Limit
  maxDeletes: Limit
  maxQuarantined: Limit
  /** Checked while sending, after 50 results. */
  maxRejected: Limit
  /** Keys of guards the user wrote (`max_creates`); floors for small tables apply only to defaults. */
  explicit: readonly string[]
}
