/** The mapped fields of a sync as its templates see them. Pure. */
import type { FieldDescription, WireKind } from '../destination/destination.ts'
import type { FieldMapping, Sync } from '../project/project.ts'
import type { FieldType } from '../warehouse/warehouse.ts'
import { type Kept, keepOf } from './audit-keep.ts'
import { type FieldLimit, fieldLimits, stageLimit } from './field-limits.ts'
import { grantedRecordTypes } from './record-types.ts'
import {
  type ColumnResolver,
  type ContextColumn,
  type ContextRequest,
  descriptionResolver,
  isNumeric,
  type TemplateType,
  templateType,
} from './sync-context.ts'
import { uniqueSlugs } from './unique-slugs.ts'
import { foldsCase, valueDescription } from './value-description.ts'

export interface ContextField {
  /** Suffix of this field's columns: desired_<slug>, acked_<slug> … */
  slug: string
  to: string
  column: ContextColumn | null
  constant: string | null
  type: TemplateType
  /** Of the values: where a field points to a record by a key, the key's kind. */
  kind: WireKind
  /** Places behind the point that the CRM keeps; null when it does not say. */
  places: number | null
  on_null: FieldMapping['onNull']
  null_policy: string
  write: FieldMapping['write']
  clear_when: string | null
  sentinel: string | null
  limits: FieldLimit[]
  /** False for a field that is already in the body as the match field; a link sends nothing else. */
  in_body: boolean
  /** The value is a key of the record the field points to. */
  reference: ContextReference | null
  /** Texts that stand for a stored value: names of record types for their ids. */
  aliases: { text: string; value: string }[]
  /** A text of several lines. */
  multiline: boolean
  /** What is read back is not what was written, so the live value is not compared with it. */
  opaque: boolean
  /** Its values in order, where the CRM stores no step back; null elsewhere. */
  forward_only: readonly string[] | null
  /** The CRM stores it in small letters. */
  fold: boolean
  /** What the audit keeps of its values. */
  keep: Kept
  /** Earlier runs learnt that the CRM stores its values otherwise than they are sent. */
  transforms: boolean
}

export interface ContextReference {
  object: string
  field: string
  /** What requests and queries follow it by. */
  relationship: string
  polymorphic: boolean
  /** Keys that differ in case only are one key. */
  fold: boolean
}

export function contextFields(request: ContextRequest, columnOf: ColumnResolver): ContextField[] {
  const describe = descriptionResolver(request.description)
  const slugs = uniqueSlugs(request.sync.fields.map((field) => field.to))
  return request.sync.fields
    .map((field, index) =>
      contextField(request, { field, slug: slugs[index] ?? '', description: describe(field.to) }, columnOf),
    )
    .map((field) => ({ ...field, limits: [...field.limits, ...stageLimits(describe(field.to), request.sync, slugs)] }))
}

function stageLimits(description: FieldDescription | undefined, sync: Sync, slugs: readonly string[]): FieldLimit[] {
  if (description === undefined) return []
  return stageLimit(description, (name) => {
    const index = sync.fields.findIndex(({ to }) => to === name)
    return index < 0 ? undefined : `desired_${slugs[index]}`
  })
}

interface Mapped {
  field: FieldMapping
  slug: string
  description: FieldDescription | undefined
}

function contextField(request: ContextRequest, mapped: Mapped, columnOf: ColumnResolver): ContextField {
  const { sync } = request
  const { field, slug, description } = mapped
  const value = valueDescription(field, description, request.related)
  const kind = value?.kind ?? 'string'
  const column = field.from === undefined ? null : columnOf(field.from)
  const type = templateType(fieldType(kind, column))
  return {
    slug,
    to: field.to,
    column,
    constant: field.value ?? null,
    type,
    kind,
    places: value?.scale ?? null,
    on_null: field.onNull,
    null_policy: nullPolicyName(field),
    write: field.write,
    clear_when: field.clearWhen === undefined ? null : columnOf(field.clearWhen).name,
    sentinel: field.sentinel ?? null,
    limits: fieldLimits(value, type, { isOwnKey: isOwnKey(sync, field) }),
    in_body: field.to !== sync.match.field || sync.link !== undefined,
    reference: contextReference(field, { description, value }),
    aliases: grantedRecordTypes(value).map(({ developerName, id }) => ({ text: developerName, value: id })),
    multiline: value?.vendorType === 'textarea',
    opaque: value?.opaque === true,
    forward_only: value?.forwardOnly ?? null,
    fold: value?.format !== undefined,
    keep: keepOf(sync, field.from, field.from ? request.properties.get(field.from) : undefined),
    transforms: false,
  }
}

function contextReference(
  { reference }: FieldMapping,
  { description, value }: { description: FieldDescription | undefined; value: FieldDescription | undefined },
): ContextReference | null {
  if (reference === undefined) return null
  return {
    object: reference.object,
    field: reference.field,
    relationship: description?.reference?.relationship ?? '',
    polymorphic: description?.reference?.polymorphic ?? false,
    fold: value !== undefined && foldsCase(value),
  }
}

/** A record of this very sync: then a row could point to itself. */
function isOwnKey({ object, match }: Sync, { reference }: FieldMapping): boolean {
  return reference?.object === object && reference.field === match.field
}

function nullPolicyName(field: FieldMapping): string {
  if (field.clearWhen !== undefined) return 'clear_when'
  return field.sentinel === undefined ? field.onNull : 'sentinel'
}

/** The type a value has from staging to state: numbers keep the column's own precision, everything else follows the CRM field. */
function fieldType(kind: WireKind, column: ContextColumn | null): FieldType | TemplateType {
  if (kind === 'number')
    return column && isNumeric(column.type) ? column.type : { kind: 'decimal', precision: 38, scale: 10 }
  if (kind === 'boolean') return { kind: 'bool' }
  if (kind === 'date') return { kind: 'date' }
  return kind === 'datetime' ? { kind: 'timestamp' } : { kind: 'text' }
}
