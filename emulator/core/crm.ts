/**
 * What the emulator's server needs from each CRM. The server owns sockets, journal, faults and the control plane;
 * a CRM owns its paths, its schema and its records. Nothing under emulator/ imports from runner/.
 */

export type CrmName = 'salesforce' | 'hubspot'

export interface CrmRequest {
  /** Which listener it came in on; absent: http. */
  scheme?: 'http' | 'https'
  method: string
  /** Path without query string, percent-encoded as received, double slashes already collapsed. */
  path: string
  query: URLSearchParams
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>
  body: Buffer
}

export interface CrmResponse {
  status: number
  headers?: Readonly<Record<string, string>>
  /** A string, bytes or BodyPieces are sent as they are, anything else as JSON; undefined is an empty body. */
  body?: unknown
}

/** One stored version of a record and who made it. */
export interface RecordVersion {
  version: number
  /** Virtual time, ISO 8601. */
  at: string
  /** `seq` of the journal entry of the request, or 'control' for an edit through the control plane. */
  request: number | 'control'
  op: 'create' | 'update' | 'delete'
  fields: Readonly<Record<string, unknown>>
}

export interface EmulatorClock {
  nowMs(): number
}

/** Seeded, so that a run with the same seed repeats byte for byte. */
export interface EmulatorRandom {
  next(): number
}

export interface CrmContext {
  clock: EmulatorClock
  random: EmulatorRandom
  /** Journal number of the request being handled; 'control' outside requests. */
  currentRequest(): number | 'control'
  /** Absent where nothing runs between requests. */
  background?: BackgroundWork
}

/** For a CRM that goes on working after it has answered. */
export interface BackgroundWork {
  /** Runs `apply` as work for that request, so that the record versions it makes name it. */
  during<T>(request: number | 'control', apply: () => T): T
  /** To be told of changes: the snapshot file is written after them. */
  changed(): void
}

/** The control plane of bulk jobs. Every method throws ControlError for what it does not understand. */
export interface BulkControl {
  settings(): unknown
  configure(input: unknown): void
  /** Every job, as the vendor shows it. */
  jobs(): readonly unknown[]
  /** Ends a job as somebody else would. */
  endJob(id: string, input: unknown): unknown
}

export interface Crm {
  readonly name: CrmName
  /** Does this request belong to this CRM? Both answer on one port, each at its own paths. */
  owns(path: string): boolean
  handle(request: CrmRequest): CrmResponse
  /** Control plane. Object names as the vendor spells them; unknown object: throw ControlError(404). */
  records(object: string): readonly Readonly<Record<string, unknown>>[]
  /** Seed or edit as another user would: matched by id, or by the object's unique fields, else created. Returns ids. */
  putRecords(object: string, rows: readonly Readonly<Record<string, unknown>>[]): readonly string[]
  history(object: string, id: string): readonly RecordVersion[]
  schema(object: string): unknown
  /** Vendor's own shape in part; existing fields are kept, what is left out gets the vendor's defaults. Creates the object if new. */
  putSchema(object: string, schema: unknown): void
  /** What an administrator has set up beyond the schema: rules, permissions, limits. Absent: this CRM has none of it. */
  readonly policies?: CrmPolicies
  /** One act of an administrator by name, such as revoking tokens; the answer is plain JSON. Unknown name: ControlError(404). */
  act?(name: string, input: unknown): unknown
  reset(): void
  readonly bulk?: BulkControl
  /** Told after the clock was advanced. */
  clockMoved?(): void
  /** Plain JSON for the snapshot file, and back. */
  snapshot(): unknown
  restore(snapshot: unknown): void
}

export interface CrmPolicies {
  get(): unknown
  /** Merges; a null removes what it names. Throws ControlError(400), changing nothing. */
  put(input: unknown): void
  clear(): void
}

export class ControlError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'ControlError'
    this.status = status
  }
}
