import { ApiError, type RowError, rowError } from './api-error.ts'
import type { Field } from './field.ts'
import { type FieldValue, storedValue } from './field-values.ts'
import type { ObjectSchema } from './object-schema.ts'
import { isLookupKey } from './org.ts'
import type { RawRow } from './row-values.ts'
import type { WriteContext } from './write-context.ts'
import { type Prepared, prepareCreate, prepareUpdate } from './write-row.ts'

/** The field an upsert matches on. Throws ApiError when the object has no such key. */
export function keyField(object: ObjectSchema, name: string): Field {
  const field = object.byName.get(name.toLowerCase())
  if (field === undefined) {
    const message = `Provided external ID field does not exist or is not accessible: ${name}`
    throw new ApiError(404, rowError('NOT_FOUND', message))
  }
  if (isLookupKey(field)) return field
  const message = `Field name provided, ${field.name} does not match an External ID, Salesforce Id, or indexed field for ${object.name}`
  throw new ApiError(400, rowError('INVALID_FIELD', message))
}

/** The key a row holds, whatever the case of its name; undefined where the row does not have it. */
export function keyInput(row: RawRow, field: Field): unknown {
  if (Object.hasOwn(row, field.name)) return row[field.name]
  const lower = field.name.toLowerCase()
  const name = Object.keys(row).find((one) => one.toLowerCase() === lower)
  return name === undefined ? undefined : row[name]
}

export type KeyValue = { value: FieldValue } | { error: RowError }

/** The key in stored form. A missing or blank one is an error, but for `Id`, where it means: insert. */
export function keyValue(field: Field, input: unknown): KeyValue {
  if (input === undefined || input === null || input === '') {
    if (field.type === 'id') return { value: null }
    return { error: rowError('MISSING_ARGUMENT', `${field.name} not specified`, [field.name]) }
  }
  const read = storedValue(field, input, { textual: typeof input === 'string' })
  if ('error' in read || read.value !== null) return read
  return { error: rowError('MISSING_ARGUMENT', `${field.name} not specified`, [field.name]) }
}

export interface Upsert {
  object: ObjectSchema
  field: Field
  value: FieldValue
  row: RawRow
}

/** Update of the one record that has the key, or a create; several are an error of the row. */
export function prepareUpsert(context: WriteContext, { object, field, value, row }: Upsert): Prepared {
  const key = { field, value }
  if (field.type === 'id') {
    if (value === null) return prepareCreate(context, object, { row })
    return prepareUpdate(context, object, { id: String(value), row })
  }
  const found = context.org.matching(object, field, value)
  const [only] = found
  if (found.length > 1) {
    const ids = found.map((one) => one.id).join(', ')
    const message = `More than one record found for external id field: [${ids}]`
    return { errors: [rowError('DUPLICATE_EXTERNAL_ID', message, [field.name])] }
  }
  if (only === undefined) return prepareCreate(context, object, { row, key })
  return prepareUpdate(context, object, { id: only.id, row, key, record: only })
}
