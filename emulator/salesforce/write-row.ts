import type { StoredRecord } from '../core/record-store.ts'
import { type RowError, rowError } from './api-error.ts'
import { derivedValues } from './derived-values.ts'
import type { Field } from './field.ts'
import type { FieldValue } from './field-values.ts'
import type { ObjectSchema } from './object-schema.ts'
import type { Org } from './org.ts'
import { platformRefusal } from './platform-rules.ts'
import { canonicalId } from './record-id.ts'
import { type FieldValues, type RawRow, readRow } from './row-values.ts'
import type { WriteContext } from './write-context.ts'

/** A write that passed every check and only has to be stored. */
export interface PreparedWrite {
  op: 'create' | 'update' | 'delete'
  object: ObjectSchema
  id: string
  values: FieldValues
  /** An assignment rule gave it its owner. */
  assigned: boolean
}

const NO_VALUES: FieldValues = Object.freeze({})

export type Prepared = { write: PreparedWrite } | { errors: readonly RowError[] }

/** The key of an upsert: taken from here and not from the row, whatever the case of its name there. */
export interface KeyOfRow {
  field: Field
  value: FieldValue
}

export function prepareCreate(
  context: WriteContext,
  object: ObjectSchema,
  { row, key }: { row: RawRow; key?: KeyOfRow },
): Prepared {
  const { org, loose, textual } = context
  if (!object.createable && !loose)
    return failure('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be inserted: ${object.label}`)
  const read = readRow({ org, object, op: 'create', loose, textual, exclude: key?.field.name.toLowerCase() }, row)
  if ('error' in read) return { errors: [read.error] }
  const { values } = read
  if (key !== undefined) values[key.field.name] = key.value
  const id = org.newId(object)
  fillDefaults(context, { object, id, values })
  const missing = loose ? [] : missingOnCreate(object, values)
  if (missing.length > 0) return { errors: [requiredMissing(missing)] }
  return finished(context, { op: 'create', object, id, values, assigned: false })
}

export function prepareUpdate(
  context: WriteContext,
  object: ObjectSchema,
  target: { id: string; row: RawRow; key?: KeyOfRow; record?: StoredRecord },
): Prepared {
  const { org, loose, textual } = context
  const problem = target.record === undefined ? targetProblem(org, object, target.id) : undefined
  if (problem !== undefined) return { errors: [problem] }
  if (!object.updateable && !loose)
    return failure('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be updated: ${object.label}`)
  const id = target.record?.id ?? canonicalId(target.id) ?? target.id
  const exclude = target.key?.field.name.toLowerCase()
  const read = readRow({ org, object, op: 'update', loose, textual, exclude }, target.row)
  if ('error' in read) return { errors: [read.error] }
  const emptied = loose ? [] : requiredEmptied(object, read.values)
  if (emptied.length > 0) return { errors: [requiredMissing(emptied)] }
  return finished(context, { op: 'update', object, id, values: read.values, assigned: false })
}

export function prepareDelete(context: WriteContext, id: string): Prepared {
  const { org } = context
  const canonical = canonicalId(id)
  const object = canonical === undefined ? undefined : org.objectOf(canonical)
  if (canonical === undefined || object === undefined) return { errors: [malformedId('Record', id)] }
  const problem = targetProblem(org, object, canonical)
  if (problem !== undefined) return { errors: [problem] }
  if (!object.deletable)
    return failure('INSUFFICIENT_ACCESS_OR_READONLY', `entity type cannot be deleted: ${object.label}`)
  const write: PreparedWrite = { op: 'delete', object, id: canonical, values: {}, assigned: false }
  const refused = context.loose ? undefined : org.gate(object)?.refusal(context, write)
  return refused === undefined ? { write } : { errors: refused }
}

/** Stores a prepared write. Nothing can fail here: that is what makes all-or-none calls simple. */
export function storeWrite(context: WriteContext, write: PreparedWrite): void {
  const { org, userId } = context
  const { object, id, values } = write
  if (write.op === 'delete') {
    org.store.remove(object.name, id)
    return
  }
  if (write.assigned) org.countAssignment(object)
  const now = org.now()
  if (write.op === 'update') {
    values.LastModifiedDate = now
    values.LastModifiedById = userId
    values.SystemModstamp = now
    org.store.update(object.name, id, values)
    return
  }
  // An import through the control plane may bring its own dates and authors.
  values.CreatedDate ??= now
  values.CreatedById ??= userId
  values.LastModifiedDate ??= now
  values.LastModifiedById ??= userId
  values.SystemModstamp ??= now
  org.store.create(object.name, id, values)
}

function finished(context: WriteContext, write: PreparedWrite): Prepared {
  const { org } = context
  const { object, id, values } = write
  if (context.assign && object.assignmentRules) {
    values.OwnerId = org.users.assignee
    write.assigned = true
  }
  const before = (
    write.op === 'create' ? NO_VALUES : (org.store.get(object.name, id)?.fields ?? NO_VALUES)
  ) as FieldValues
  const derived = derivedValues(object, before, values)
  for (const name in derived) values[name] = derived[name] ?? null
  if (!context.loose) org.gate(object)?.reshape(values)
  const broken = context.loose ? undefined : platformRefusal(org, object, { id, before, values })
  if (broken !== undefined) return { errors: [broken] }
  const refused = context.loose ? undefined : org.gate(object)?.refusal(context, write)
  if (refused !== undefined) return { errors: refused }
  const clash = uniqueClash(context, write, before)
  return clash === undefined ? { write } : { errors: [clash] }
}

function fillDefaults(context: WriteContext, row: { object: ObjectSchema; id: string; values: FieldValues }): void {
  const { object, values } = row
  const recordType = context.org.gate(object)?.defaultRecordType(object)
  if (recordType !== undefined) values.RecordTypeId ??= recordType
  for (const field of object.defaulted) {
    if ((values[field.name] ?? null) === null) values[field.name] = defaultOf(context, field, row)
  }
}

function defaultOf(
  { org, userId }: WriteContext,
  field: Field,
  { object, id }: { object: ObjectSchema; id: string },
): FieldValue {
  if (field.autoNumber) return org.nextAutoNumber(object)
  if (field.name === 'OwnerId') return userId
  if (field.defaultValue !== null) return field.defaultValue
  const preset = field.picklistValues.find((one) => one.defaultValue)
  return preset?.value ?? id
}

function missingOnCreate(object: ObjectSchema, values: FieldValues): string[] {
  return object.required.filter((field) => (values[field.name] ?? null) === null).map((field) => field.name)
}

function requiredEmptied(object: ObjectSchema, values: FieldValues): string[] {
  return Object.keys(values).filter(
    (name) => values[name] === null && object.byName.get(name.toLowerCase())?.nillable === false,
  )
}

function requiredMissing(names: readonly string[]): RowError {
  return rowError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names)
}

function uniqueClash(
  { org, claims }: WriteContext,
  { object, id, values }: PreparedWrite,
  before: FieldValues,
): RowError | undefined {
  const claimed: string[] = []
  for (const field of object.unique) {
    const value = values[field.name]
    if (value === undefined || value === null || value === before[field.name]) continue
    const other = org.matching(object, field, value).find((record) => record.id !== id)
    const claim = `${object.name}.${field.name}=${field.caseSensitive ? value : String(value).toLowerCase()}`
    if (other !== undefined || claims.has(claim)) {
      const holder = other?.id ?? '<unknown>'
      return rowError(
        'DUPLICATE_VALUE',
        `duplicate value found: ${field.name} duplicates value on record with id: ${holder}`,
      )
    }
    claimed.push(claim)
  }
  for (const claim of claimed) claims.add(claim)
  return undefined
}

function targetProblem(org: Org, object: ObjectSchema, id: string): RowError | undefined {
  const canonical = canonicalId(id)
  if (canonical === undefined || !canonical.startsWith(object.keyPrefix)) return malformedId(object.label, id)
  if (org.store.get(object.name, canonical) !== undefined) return undefined
  if (org.store.removed(object.name, canonical) !== undefined) return rowError('ENTITY_IS_DELETED', 'entity is deleted')
  return rowError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
}

function malformedId(label: string, id: string): RowError {
  return rowError('MALFORMED_ID', `${label} ID: id value of incorrect type: ${id}`, ['Id'])
}

function failure(code: string, message: string): Prepared {
  return { errors: [rowError(code, message)] }
}
