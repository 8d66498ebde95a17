import { type RowError, rowError } from './api-error.ts'
import type { Field } from './field.ts'
import { type FieldValue, storedValue } from './field-values.ts'
import type { ObjectSchema } from './object-schema.ts'
import { isLookupKey, type Org } from './org.ts'

export type RawRow = Readonly<Record<string, unknown>>
export type FieldValues = Record<string, FieldValue>

export interface RowReading {
  org: Org
  object: ObjectSchema
  op: 'create' | 'update'
  /** Through the control plane: read-only fields may be set. */
  loose: boolean
  textual: boolean
  /** Lower-case name of a field to leave out: the key of an upsert. */
  exclude?: string | undefined
}

/** Field values of a row under their canonical names, in stored form. `Id` and `attributes` are left out. */
export function readRow(reading: RowReading, row: RawRow): { values: FieldValues } | { error: RowError } {
  const values: FieldValues = {}
  const refused: string[] = []
  for (const key in row) {
    const lower = lowerCased(key)
    if (lower === 'attributes' || lower === 'id' || lower === reading.exclude) continue
    const field = reading.object.byName.get(lower)
    const read = field === undefined ? readUnknown(reading, key, row[key]) : readField(reading, field, row[key])
    if ('refused' in read) refused.push(read.refused)
    else if ('error' in read) return read
    else values[read.name] = read.value
  }
  if (refused.length > 0) return { error: notWritable(refused) }
  return { values }
}

// The same few names come with every row of every call.
const LOWER = new Map<string, string>()
const MAX_NAMES = 5_000

function lowerCased(name: string): string {
  let lower = LOWER.get(name)
  if (lower === undefined) {
    lower = name.toLowerCase()
    if (LOWER.size >= MAX_NAMES) LOWER.clear()
    LOWER.set(name, lower)
  }
  return lower
}

type Read = { name: string; value: FieldValue } | { error: RowError } | { refused: string }

function readField(reading: RowReading, field: Field, input: unknown): Read {
  if (!isWritable(reading, field)) return { refused: field.name }
  const result = storedValue(field, input, reading)
  if ('error' in result) return result
  const { value } = result
  const problem = field.type === 'reference' && !reading.loose ? referenceProblem(reading.org, field, value) : undefined
  return problem === undefined ? { name: field.name, value } : { error: problem }
}

function readUnknown(reading: RowReading, key: string, input: unknown): Read {
  const inaccessible = reading.object.inaccessible.get(key.toLowerCase())
  return inaccessible === undefined ? readRelationship(reading, key, input) : { refused: inaccessible.name }
}

function isWritable({ op, loose }: RowReading, field: Field): boolean {
  if (loose) return field.type !== 'address' && field.type !== 'location' && field.name !== 'IsDeleted'
  return op === 'create' ? field.createable : field.updateable
}

function referenceProblem(org: Org, field: Field, value: FieldValue): RowError | undefined {
  if (value === null) return undefined
  const id = String(value)
  const target = org.objectOf(id)
  if (target === undefined || !field.referenceTo.includes(target.name)) {
    return rowError('FIELD_INTEGRITY_EXCEPTION', `${field.label}: id value of incorrect type: ${id}`, [field.name])
  }
  if (org.store.get(target.name, id) !== undefined) return undefined
  return rowError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [field.name])
}

/** `"Account": {"Customer_Id__c": "42"}`: the parent by one of its own keys. */
function readRelationship(reading: RowReading, key: string, input: unknown): Read {
  const field = reading.object.byRelationship.get(key.toLowerCase())
  if (field === undefined || (input !== null && typeof input !== 'object')) {
    return { error: noSuchColumn(key, reading.object) }
  }
  if (!isWritable(reading, field)) return { refused: field.name }
  if (input === null) return { name: field.name, value: null }
  const found = findParent(reading.org, field, input as RawRow)
  return 'error' in found ? found : { name: field.name, value: found.id }
}

function findParent(org: Org, field: Field, input: RawRow): { id: string } | { error: RowError } {
  const attributes = input.attributes as RawRow | undefined
  const named = typeof attributes?.type === 'string' ? attributes.type : undefined
  const type = named ?? (field.referenceTo.length === 1 ? (field.referenceTo[0] ?? '') : '')
  const parent = org.schema.find(type)
  if (parent === undefined || !field.referenceTo.includes(parent.name)) {
    const relationship = String(field.relationshipName)
    const message = `The external foreign key reference does not reference a valid entity: ${relationship}`
    return { error: rowError('INVALID_FIELD', message, [relationship]) }
  }
  const keys = Object.keys(input).filter((one) => one !== 'attributes')
  const [name = ''] = keys
  const keyField = parent?.byName.get(name.toLowerCase())
  if (keys.length !== 1 || keyField === undefined || !isLookupKey(keyField)) {
    const message = `The relationship ${field.relationshipName} needs exactly one external id field of ${type}`
    return { error: rowError('INVALID_FIELD', message, [field.name]) }
  }
  const read = storedValue(keyField, input[name], { textual: false })
  if ('error' in read) return read
  const found = org.matching(parent, keyField, read.value)
  const [only] = found
  if (only !== undefined && found.length === 1) return { id: only.id }
  const message =
    only === undefined
      ? `Foreign key external ID: ${read.value} not found for field ${keyField.name} in entity ${parent.name}`
      : `More than one record found for external id field: [${found.map((one) => one.id).join(', ')}]`
  return { error: rowError('INVALID_FIELD', message) }
}

export function noSuchColumn(name: string, object: ObjectSchema): RowError {
  return rowError('INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`)
}

function notWritable(names: readonly string[]): RowError {
  const message =
    `Unable to create/update fields: ${names.join(', ')}. Please check the security settings of this field ` +
    'and verify that it is read/write for your profile or permission set.'
  return rowError('INVALID_FIELD_FOR_INSERT_UPDATE', message, names)
}
