/** The destination seam: what a CRM must be able to do for a sync. Rows fail as values, calls fail as exceptions. */

import type { WriteOptions } from '../project/write-options.ts'
import type { BulkLoader, BulkReader } from './bulk.ts'

/** A record's id in the CRM. */
export type RecordId = string

export type Environment = 'production' | 'sandbox' | 'emulator'

export interface OrgIdentity {
  /** Salesforce organisation id (18 characters) or HubSpot portal id. */
  orgId: string
  environment: Environment
  /** For people: "Acme (00D…)". No secrets. */
  label: string
  /** Of the API that requests use, where it is a choice. */
  apiVersion?: string
}

/** How a value travels in a request body and how the stored value is compared. */
export type WireKind =
  | 'string'
  | 'number'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'enumeration'
  | 'multi_enumeration'
  | 'reference'

/** One field as the CRM describes it (Salesforce describe, HubSpot properties). */
export interface FieldDescription {
  name: string
  label: string
  /** The vendor's own type word, for messages. */
  vendorType: string
  kind: WireKind
  createable: boolean
  updateable: boolean
  /** Only permissions of this user keep it from being written; absent: nobody can, or nobody knows. */
  lacksPermission?: boolean
  /** A create without it is refused by the CRM. */
  requiredOnCreate: boolean
  /** A create needs one of the fields that say so. */
  requiredOneOf?: boolean
  unique: boolean
  /** May be used to match records: External Id / idLookup / hasUniqueValue / contact email. */
  matchable: boolean
  /** Whether two values that differ only in case are two values of this field. */
  caseSensitive: boolean
  /** Characters, for strings. */
  length?: number
  precision?: number
  scale?: number
  /** Stored values (not labels) a restricted picklist takes. */
  allowedValues?: readonly string[]
  /** What those values name, where it is not a list of the field's own. */
  valuesAre?: 'owner' | 'pipeline' | 'stage'
  /** People's names for some of those values, by name: e-mail addresses of owners, labels. For hints, never written. */
  valueNames?: Readonly<Record<string, string>>
  /** Stages by pipeline; `field` is the one that holds the pipeline. */
  stages?: { field: string; of: Readonly<Record<string, readonly string[]>> }
  /** The CRM answers success to a step back in this order and stores nothing. */
  forwardOnly?: readonly string[]
  /** The field with further values that the record answers to as well; they are other spellings of it, not duplicates. */
  furtherValuesIn?: string
  /** A form the CRM insists on; it stores e-mail addresses and domains in small letters. */
  format?: 'email' | 'domain'
  /** Further rules of the CRM's administrators, as far as they can be said in SQL. */
  rules?: ValueRules
  /** Most values of a list with several. */
  maxValues?: number
  /** False: the CRM refuses a blank; absent: it takes one. */
  clearable?: boolean
  /** Why nobody can write it, where the CRM says. */
  derived?: 'formula' | 'auto_number' | 'compound' | 'archived'
  /** The fields a compound field is made of. */
  components?: readonly string[]
  /** What a reference points to. */
  reference?: ReferenceDescription
  /** Of the field that holds a record's type. */
  recordTypes?: readonly RecordType[]
  /** Stored in a form of the CRM's own (rich text, encrypted): what is read back is not what was written. */
  opaque?: boolean
  /** Not a field of the record but an association with another one; the type when it is a labelled one. */
  association?: Partial<Pick<AssociationType, 'category' | 'typeId'>>
  /** False: no condition of a query can be about it; absent: one can. */
  filterable?: boolean
  /** First and last day, `yyyy-MM-dd`. */
  days?: { first: string; last: string }
  /** Numbers with more significant digits than this come back changed. */
  significantDigits?: number
}

export interface ValueRules {
  minLength?: number
  /** Plain decimals. */
  min?: string
  max?: string
  /** Over the whole value. */
  pattern?: string
  /** Of e-mail addresses, in small letters. */
  allowedDomains?: readonly string[]
  blockedDomains?: readonly string[]
}

export interface AssociationType {
  category: string
  typeId: number
  /** Absent for the type without one. */
  label?: string
}

export interface ReferenceDescription {
  /** API names of the objects it may point to. */
  to: readonly string[]
  /** The name requests and queries follow it by; absent when the CRM gives none. */
  relationship?: string
  /** A request must say which object it means. */
  polymorphic: boolean
}

export interface RecordType {
  id: string
  developerName: string
  /** May this user give records the type? */
  available: boolean
  /** Stands for having none. */
  master: boolean
}

/** A record as read back: canonical text per requested field, null when empty. Fields the CRM does not have are absent. */
export interface CrmRecord {
  recordId: RecordId
  fields: Readonly<Record<string, string | null>>
  /**
   * The asked values this record answers to; absent: its id or its match field. They can be others: an id that was merged into
   * it, a further e-mail address of a contact.
   */
  askedFor?: readonly string[]
  /** Ids of records that were merged into this one, where the CRM tells. */
  absorbed?: readonly RecordId[]
}

export type FieldValues = Readonly<Record<string, string | null>>

export interface ReadRequest {
  object: string
  /** `id` reads by record id, otherwise the API name of the field the values belong to. */
  by: 'id' | { field: string /** the field is unique in the CRM: a keyed read, never a search */; unique: boolean }
  values: readonly string[]
  /** API names to return. */
  fields: readonly string[]
  /** Fields among them that come back as a key of the record they point to, or as its id where it has no such key. */
  references?: readonly ReferenceRead[]
}

export interface ReferenceRead {
  field: string
  relationship: string
  object: string
  key: string
  polymorphic: boolean
}

/** The endpoint family of a change; one request carries changes of one path only. */
export type WritePath = 'upsert' | 'update' | 'create' | 'associate'

/** One row to send. `body` is the fragment rendered in the warehouse; the destination joins fragments, it never edits them. */
export interface Change {
  changeId: string
  body: string
}

/** One request: changes of one path, in order, already cut to the destination's batch limit by the plan. */
export interface WriteRequest {
  object: string
  path: WritePath
  /** API name of the field records are matched on; only for `upsert`. */
  matchField?: string
  changes: readonly Change[]
  /** Only for `associate`. */
  association?: { to: string; labelled: boolean }
  options?: WriteOptions
}

/** What will go over the wire for a batch, byte for byte. Pure: plan and run both use it. */
export interface WireRequest {
  method: 'POST' | 'PATCH'
  /** From the root, without host. */
  path: string
  body: string
}

/**
 * Why sending more may be pointless: `access`, the org or the login is shut; `later`, the org takes no more for hours;
 * `mapping`, a field or a permission is wrong: the run ends when every row of a batch says so.
 */
export type StopCause = 'mapping' | 'access' | 'later'

export type Outcome = { changeId: string } & (
  | { status: 'succeeded'; recordId: RecordId; created: boolean; stored?: FieldValues }
  | { status: 'rejected'; code: string; reason: string; field?: string; stops?: StopCause } // fails again as it is
  | {
      // Proven not applied.
      status: 'retryable'
      code: string
      reason?: string
      retryAfterMs?: number
      /** Worth one repeat in this run; the same answer again means rejected. */
      onceMore?: true
      stops?: StopCause
    }
  | { status: 'unknown'; code: string; reason?: string } // may have been applied
)

type WithoutId<T> = T extends unknown ? Omit<T, 'changeId'> : never
/** What happened, when the row it happened to is named elsewhere. */
export type RowOutcome = WithoutId<Outcome>

/** Facts about the call behind a batch of outcomes, for the audit. */
export interface CallReport {
  httpStatus?: number
  requestId?: string
  /** API calls left as the CRM reports them, when it does. */
  remaining?: number
  durationMs: number
}

export interface WriteResult {
  /** Exactly one per change of the request, in the order of the request. */
  outcomes: readonly Outcome[]
  call: CallReport
}

/** API calls of the org in the period that its daily limit counts, made by everybody. */
export interface ApiUsage {
  used: number
  max: number
  /** Calls in use from which this sync makes no more: its daily_api_budget, or `max`. */
  allowed: number
  /** `allowed` less `used`, never negative. */
  remaining: number
}

/** What the login may do with an object as a whole. */
export interface ObjectPermissions {
  read: boolean
  create: boolean
  update: boolean
  delete: boolean
  /** What would grant each, where the CRM has names for that (scopes). */
  grantedBy?: Readonly<Record<'read' | 'create' | 'update' | 'delete', string>>
}

export interface Destination {
  /** Who are we talking to. Called before anything else; authenticates. */
  identify(signal: AbortSignal): Promise<OrgIdentity>
  /** Asks once per object, `again`: anew. Throws BackfeedError E-MAP-OBJECT with a suggestion when the object does not exist. */
  describe(object: string, signal: AbortSignal, options?: { again?: boolean }): Promise<readonly FieldDescription[]>
  /** Pages of records, bounded memory. Several records may answer to one value; a value without a record is simply absent. */
  read(request: ReadRequest, signal: AbortSignal): AsyncIterable<readonly CrmRecord[]>
  /** The exact request for a batch. */
  wire(request: WriteRequest): WireRequest
  /** Sends once (plus one replay after a token refresh). Attributed by change id. Throws only if nothing was sent. */
  write(request: WriteRequest, signal: AbortSignal): Promise<WriteResult>
  /** Types of association from records of one object to those of another; absent: this CRM has none. */
  associationTypes?(from: string, to: string, signal: AbortSignal): Promise<readonly AssociationType[]>
  /** Undefined where the CRM does not tell. As of the latest answer; asks the CRM when there was none yet. */
  usage(signal: AbortSignal): Promise<ApiUsage | undefined>
  /** Undefined where the CRM knows permissions of fields only. */
  permissions(object: string, signal: AbortSignal): Promise<ObjectPermissions | undefined>
  /** Jobs for many changes of one field set; absent: this CRM has none. */
  readonly bulk?: BulkLoader & BulkReader
  /** Requests made so far by this destination object. */
  readonly calls: { reads: number; writes: number }
  close(): Promise<void>
}

/** Static facts of a destination that compile and plan need without a connection. */
export interface DestinationTraits {
  readonly name: 'salesforce' | 'hubspot'
  /** Largest number of changes one request takes. */
  readonly maxBatchSize: number
  /** Largest number of associations one request makes; absent: this CRM has none. */
  readonly maxAssociations?: number
  /** Values one read request takes, by kind of read; the plan predicts read calls with it. */
  readonly readBatchSize: { unique: number; search: number }
  /** Jobs for large sets of changes; absent: this CRM has none. `above`: changes of one field set from which a job is worth its calls. */
  readonly bulk?: { above: number; rows: number; bytes: number; paths: readonly WritePath[] }
  /** Match strategies this CRM has. */
  readonly strategies: readonly ('external_id' | 'unique_property' | 'lookup')[]
  /** Name of the macro file macros/destination/<name>.sql that renders body fragments. */
  readonly macroFile: string
  /** How a field of this CRM is cleared, for docs and plans. */
  readonly clearedBy: string
}
