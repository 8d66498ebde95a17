/**
 * What the models under models/sync see as `sync`: one plain JSON object, built from the sync as written, the columns the
 * model really has and the fields as the CRM describes them. Pure; `compile` builds it from declared types instead.
 */
import { createHash } from 'node:crypto'
import type { DestinationTraits, FieldDescription, WritePath } from '../destination/destination.ts'
import { onlyByRequest } from '../project/only-by-request.ts'
import type { ColumnProperties, SemanticType, Sync } from '../project/project.ts'
import type { Column, FieldType } from '../warehouse/warehouse.ts'
import { isSensitive } from './audit-keep.ts'
import { type ContextField, contextFields } from './context-fields.ts'
import { type ContextMatch, contextMatch } from './context-match.ts'
import { type ContextRule, contextRules, type UniqueCheck } from './context-rules.ts'
import { batchSize, type ContextAssociation, contextLinks, hashed } from './links/context-links.ts'
import type { TwinLookup } from './links/twin-lookup.ts'
import { type ContextRemoval, contextRemoval } from './removals/context-removal.ts'
import { type ContextRollout, contextRollout } from './rollout/context-rollout.ts'
import type { RelatedObjects } from './value-description.ts'

/** A type as templates see it: members that may be absent are null, because reading an absent member is an error there. */
export interface TemplateType {
  kind: FieldType['kind']
  precision: number | null
  scale: number | null
}

export interface ContextColumn {
  /** Quoted identifier. */
  name: string
  label: string
  type: TemplateType
  /** A timestamp with a zone: becomes UTC before anything else. */
  zoned: boolean
  standardizer: SemanticType | ''
}

export interface SyncContext {
  name: string
  /** Part of the hash of a sensitive key: one key has one hash wherever it stands. */
  key_scope: string
  destination: string
  object: string
  mode: Sync['mode']
  path: WritePath
  first_sync: Sync['firstSync']
  on_drift: Sync['ownership']['onDrift']
  mapping_hash: string
  relation: string
  state: string
  work: Record<WorkTable, string>
  key: ContextColumn[]
  /** Raw key columns, for the hash. */
  key_names: string[]
  /** The same columns as the candidates model names them. */
  source_key: ContextColumn[]
  key_label: string
  /** A sensitive key stands in logs and state as a hash only. */
  key_is_hashed: boolean
  /** Columns of the model that hold the primary key of before, while keys are renamed; see rekey-purpose.ts. */
  former_key: { columns: ContextColumn[]; is_hashed: boolean } | null
  match: ContextMatch
  columns: ContextColumn[]
  /** Expressions over raw columns, led by the mapping hash: a changed mapping changes every fingerprint. */
  fingerprint: string[]
  expressions: { slug: string; sql: string }[]
  fields: ContextField[]
  /** Points to the record that a write of the row locks beside its own, so that rows of one parent are not sent at once. */
  parent: ContextField | null
  required_on_create: ContextField[]
  /** A create needs a value of one of them; empty where the match field is one. */
  required_one_of: ContextField[]
  rules: ContextRule[]
  unique_checks: UniqueCheck[]
  /** The other record of an association; null: the sync writes fields. */
  association: ContextAssociation | null
  /** How records are noticed that hold the row's value of another property without its key; null: no create could meet one. */
  twins: TwinLookup | null
  /** Rows that wait for a later phase; null: none do. No part of the mapping hash: a phase changes no value. */
  rollout: ContextRollout | null
  /** What happens to records of rows that left the model; null: nothing. */
  removal: ContextRemoval | null
  batch_size: number
  /** Rows of the first batch of a plan, which are read back before the others follow; 0: it is like the others. */
  canary: number
  /** When changes go by job instead of request, and how large one job may be; null where there are none. */
  bulk: { above: number; rows: number; bytes: number } | null
}

/** Tables rebuilt by every plan of a sync; each is `<name>_<sync>` in the private schema. */
export const workTables = [
  'source',
  'candidates',
  'known',
  'duplicates',
  'staging',
  'violations',
  'reads',
  'snapshot',
  'lookups',
  'twins',
  'wanted',
  'targets',
  'decisions',
  'met',
  'changes',
  'removals',
  'removal_records',
  'jobs',
  'adopted',
  'drifted',
  'unresolved',
  'resolutions',
  'quarantine',
  'stored',
  'canary',
  'folded',
  'rebuilt',
  'wanted_keys',
  'written',
  'former_keys',
] as const
export type WorkTable = (typeof workTables)[number]

export interface ContextRequest {
  sync: Sync
  schema: string
  relation: string
  columns: readonly Column[]
  properties: ReadonlyMap<string, ColumnProperties>
  description: readonly FieldDescription[]
  /** Of the objects that references point to. */
  related?: RelatedObjects
  destination: 'salesforce' | 'hubspot'
  traits: Pick<DestinationTraits, 'maxBatchSize' | 'maxAssociations' | 'bulk'>
  /** Columns of the primary key of before. */
  formerKey?: readonly string[]
  /** Active phase of the rollout; absent: the first. */
  phase?: string | undefined
  quote: (name: string) => string
}

export function writePath(sync: Pick<Sync, 'mode' | 'association'>): WritePath {
  return sync.association === undefined ? sync.mode : 'associate'
}

export function buildSyncContext(request: ContextRequest): SyncContext {
  const { sync } = request
  const columnOf = columnResolver(request)
  const describe = descriptionResolver(request.description)
  const fields = contextFields(request, columnOf)
  const matchColumn = columnOf(sync.match.from)
  const matchField = describe(sync.match.field)
  const fold = matchField?.caseSensitive === false
  const isKey = sync.primaryKey.length === 1 && sync.primaryKey[0] === sync.match.from
  const rules = contextRules(request, columnOf, { column: matchColumn, fold, checked: !isKey || fold })
  const key = sync.primaryKey.map(columnOf)
  const links = contextLinks(request, columnOf)
  const evaluated = usedColumns(sync, [...rules.columns, ...(links.twins ? [links.twins.column.label] : [])], columnOf)
  const used = distinctColumns([...key, ...evaluated])
  const context = {
    name: sync.name,
    destination: request.destination,
    object: sync.object,
    mode: sync.mode,
    path: writePath(sync),
    first_sync: sync.firstSync,
    on_drift: sync.ownership.onDrift,
    key,
    key_names: key.map((column) => column.name),
    source_key: key.map((column) => ({ ...column, name: `source_rows.${column.name}` })),
    key_label: sync.primaryKey.join(', '),
    key_is_hashed: isHashed(request, sync.primaryKey),
    match: contextMatch(request, { column: matchColumn, field: matchField, fold, isKey, fields, rules: rules.rules }),
    columns: used,
    fingerprint: [
      ...evaluated.map((column) => column.name),
      ...rules.expressions.map((expression) => `(${expression.sql})`),
    ],
    expressions: rules.expressions,
    fields,
    parent: fields.find(pointsToParent) ?? null,
    required_on_create: fields.filter((field) => describe(field.to)?.requiredOnCreate && field.in_body),
    required_one_of: matchField?.requiredOneOf ? [] : fields.filter(({ to }) => describe(to)?.requiredOneOf),
    rules: rules.rules,
    unique_checks: rules.uniqueChecks,
  } satisfies Partial<SyncContext>
  const mappingHash = createHash('sha256').update(hashed(context, links)).digest('hex').slice(0, 16)
  // A bare literal has no type that Postgres can hash.
  const fingerprint = [`cast('${mappingHash}' as varchar(16))`, ...context.fingerprint]
  return {
    ...context,
    mapping_hash: mappingHash,
    fingerprint,
    rollout: contextRollout(sync, { fingerprint, phase: request.phase }),
    removal: contextRemoval(sync, fields),
    ...links,
    former_key: formerKeyOf(request, columnOf),
    relation: request.relation,
    state: `${request.schema}.state_${sync.name}`,
    work: workRelations(request.schema, sync.name),
    batch_size: batchSize(request),
    canary: canaryOf(request),
    bulk: bulkOf(request),
  }
}

function isHashed({ sync, properties }: ContextRequest, columns: readonly string[]): boolean {
  return columns.some((name) => isSensitive(sync, name, properties.get(name)))
}

function formerKeyOf(request: ContextRequest, columnOf: ColumnResolver): SyncContext['former_key'] {
  const { formerKey } = request
  return formerKey ? { columns: formerKey.map(columnOf), is_hashed: isHashed(request, formerKey) } : null
}

/** The first batch is cut where one of full size would be larger. */
function canaryOf(request: ContextRequest): number {
  const { canaryRows } = request.sync.guards
  return request.sync.link === undefined && request.sync.association === undefined && canaryRows < batchSize(request)
    ? canaryRows
    : 0
}

/** Owners and record types are shared by far too many rows, and are not locked by them. */
const sharedReferences = ['OwnerId', 'RecordTypeId']

function pointsToParent({ to, in_body, kind, reference }: ContextField): boolean {
  return in_body && (reference !== null || kind === 'reference') && !sharedReferences.includes(to)
}

function bulkOf({ sync, traits: { bulk } }: ContextRequest): SyncContext['bulk'] {
  if (!bulk?.paths.includes(writePath(sync)) || onlyByRequest(sync) !== undefined) return null
  return { above: sync.limits.bulkAbove ?? bulk.above, rows: bulk.rows, bytes: bulk.bytes }
}

export function workRelations(schema: string, sync: string): Record<WorkTable, string> {
  return Object.fromEntries(workTables.map((table) => [table, `${schema}.${table}_${sync}`])) as Record<
    WorkTable,
    string
  >
}

export function descriptionResolver(
  description: readonly FieldDescription[],
): (name: string) => FieldDescription | undefined {
  const byName = new Map(description.map((field) => [field.name, field]))
  return (name) => byName.get(name)
}

export type ColumnResolver = (name: string) => ContextColumn

/** Columns are found as the warehouse finds them: exactly, else ignoring case. */
function columnResolver(request: ContextRequest): ColumnResolver {
  return (name) => {
    const column = findColumn(request.columns, name)
    const type = column?.type ?? { kind: 'text' }
    const semantic = request.properties.get(name)?.semanticType
    return {
      name: request.quote(column?.name ?? name),
      label: name,
      type: templateType(type),
      zoned: /with time zone|timestamptz/i.test(column?.declared ?? ''),
      standardizer: type.kind === 'text' && semantic && standardizers.has(semantic) ? semantic : '',
    }
  }
}

const standardizers: ReadonlySet<SemanticType> = new Set(['email', 'phone', 'domain', 'country', 'name'])

export function findColumn(columns: readonly Column[], name: string): Column | undefined {
  return (
    columns.find((column) => column.name === name) ??
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
  )
}

export function templateType(type: FieldType | TemplateType): TemplateType {
  const decimal = type.kind === 'decimal' ? type : { precision: null, scale: null }
  return { kind: type.kind, precision: decimal.precision ?? null, scale: decimal.scale ?? null }
}

export function isNumeric(type: Pick<FieldType, 'kind'>): boolean {
  return type.kind === 'integer' || type.kind === 'decimal'
}

function usedColumns(sync: Sync, ruleColumns: readonly string[], columnOf: ColumnResolver): ContextColumn[] {
  const names = [
    sync.match.from,
    ...sync.fields.flatMap((field) => [field.from, field.clearWhen]),
    ...ruleColumns,
  ].filter((name): name is string => name !== undefined)
  return distinctColumns(names.map(columnOf))
}

function distinctColumns(columns: readonly ContextColumn[]): ContextColumn[] {
  return [...new Map(columns.map((column) => [column.name, column])).values()]
}
