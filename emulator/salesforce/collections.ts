import type { CrmResponse } from '../core/crm.ts'
import { type ApiCall, jsonBody, objectNamed, writeContext } from './api-call.ts'
import { ApiError, badRequest, type RowError, rowError } from './api-error.ts'
import type { Field } from './field.ts'
import type { ObjectSchema } from './object-schema.ts'
import { canonicalId } from './record-id.ts'
import { attributes, shownValue } from './record-json.ts'
import { foldedKey, repeatedKeys } from './repeated-keys.ts'
import { noSuchColumn, type RawRow } from './row-values.ts'
import { keyField, keyInput, keyValue, prepareUpsert } from './upsert-row.ts'
import { type Prepared, prepareCreate, prepareDelete, prepareUpdate } from './write-row.ts'
import { type RowResult, writeRows } from './write-rows.ts'

const MAX_RECORDS = 200
const MAX_RETRIEVED = 2000
const MAX_TYPE_RUNS = 10

/** POST /composite/sobjects */
export function createCollection(call: ApiCall): CrmResponse {
  const { rows, allOrNone } = recordsOf(call)
  const typed = withTypes(call, rows)
  const context = writeContext(call)
  const prepare = typed.map(({ object, row }) => (): Prepared => {
    if (idOf(row) !== undefined) return failed('INVALID_FIELD', 'cannot specify Id in an insert call', ['Id'])
    return prepareCreate(context, object, { row })
  })
  return answered(writeRows(context, prepare, { allOrNone }), { created: false })
}

/** PATCH /composite/sobjects */
export function updateCollection(call: ApiCall): CrmResponse {
  const { rows, allOrNone } = recordsOf(call)
  const typed = withTypes(call, rows)
  const context = writeContext(call)
  const prepare = typed.map(({ object, row }) => (): Prepared => {
    const id = idOf(row)
    if (id === undefined || id === null) return failed('MISSING_ARGUMENT', 'Id not specified in an update call', ['Id'])
    return prepareUpdate(context, object, { id: String(id), row })
  })
  return answered(writeRows(context, prepare, { allOrNone }), { created: false })
}

/** PATCH /composite/sobjects/{object}/{key field} */
export function upsertCollection(call: ApiCall): CrmResponse {
  const object = objectNamed(call, call.args[0])
  const field = keyField(object, call.args[1] ?? '')
  const { rows, allOrNone } = recordsOf(call)
  for (const { object: typed } of withTypes(call, rows)) {
    if (typed !== object) throw badRequest('INVALID_INPUT', `All records of this call must be of type ${object.name}`)
  }
  const context = writeContext(call)
  const keys = rows.map((row) => keyValue(field, keyInput(row, field)))
  const repeated = repeatedKeys(keys, field)
  const prepare = rows.map((row, index) => (): Prepared => {
    const key = keys[index]
    if (key === undefined || 'error' in key) return { errors: key === undefined ? [] : [key.error] }
    if (repeated.has(foldedKey(key.value, field))) {
      return failed('DUPLICATE_VALUE', `Duplicate external id specified: ${key.value}`, [field.name])
    }
    return prepareUpsert(context, { object, field, value: key.value, row })
  })
  return answered(writeRows(context, prepare, { allOrNone }), { created: true })
}

/** DELETE /composite/sobjects?ids=…&allOrNone= */
export function deleteCollection(call: ApiCall): CrmResponse {
  const ids = (call.request.query.get('ids') ?? '').split(',').filter((id) => id !== '')
  if (ids.length === 0) throw badRequest('MISSING_ARGUMENT', 'The ids parameter is required')
  if (ids.length > MAX_RECORDS) throw tooMany(MAX_RECORDS)
  const allOrNone = call.request.query.get('allOrNone')?.toLowerCase() === 'true'
  const context = writeContext(call)
  const prepare = ids.map((id) => () => prepareDelete(context, id.trim()))
  return answered(writeRows(context, prepare, { allOrNone }), { created: false })
}

/** POST /composite/sobjects/{object} with ids and fields; GET with both in the query. Missing ids come back as null. */
export function retrieveCollection(call: ApiCall): CrmResponse {
  const object = objectNamed(call, call.args[0])
  const { ids, names } = call.request.method === 'GET' ? listsInQuery(call) : listsInBody(call)
  if (ids.length > MAX_RETRIEVED) throw tooMany(MAX_RETRIEVED)
  const fields = names.map((name) => fieldNamed(object, name))
  const rows = ids.map((text) => {
    const record = call.org.store.get(object.name, canonicalId(text) ?? '')
    if (record === undefined) return null
    const row: Record<string, unknown> = { attributes: attributes(call.version, object, record.id) }
    for (const field of fields) row[field.name] = shownValue(record, field)
    return { ...row, Id: record.id }
  })
  return { status: 200, body: rows }
}

function recordsOf(call: ApiCall): { rows: readonly RawRow[]; allOrNone: boolean } {
  const body = jsonBody(call)
  const { records } = body
  if (!Array.isArray(records) || records.some((row) => row === null || typeof row !== 'object')) {
    throw badRequest('JSON_PARSER_ERROR', 'The body needs an array of records')
  }
  if (records.length > MAX_RECORDS) throw tooMany(MAX_RECORDS)
  return { rows: records as RawRow[], allOrNone: body.allOrNone === true }
}

function withTypes(call: ApiCall, rows: readonly RawRow[]): { object: ObjectSchema; row: RawRow }[] {
  let runs = 0
  let last: ObjectSchema | undefined
  const typed = rows.map((row) => {
    const object = objectOfRow(call, row)
    if (object !== last) runs += 1
    last = object
    return { object, row }
  })
  if (runs > MAX_TYPE_RUNS) {
    throw badRequest('EXCEEDED_MAX_TYPES_LIMIT', `The records change their type more than ${MAX_TYPE_RUNS} times`)
  }
  return typed
}

function objectOfRow(call: ApiCall, row: RawRow): ObjectSchema {
  const mark = row.attributes as { type?: unknown } | undefined
  if (typeof mark?.type !== 'string') throw badRequest('INVALID_INPUT', 'attributes.type is required for every record')
  const object = call.org.schema.find(mark.type)
  if (object === undefined) throw badRequest('INVALID_TYPE', `sObject type '${mark.type}' is not supported.`)
  return object
}

function idOf(row: RawRow): unknown {
  return row.Id ?? row.id ?? row.ID
}

function listsInBody(call: ApiCall): { ids: string[]; names: string[] } {
  const { ids, fields } = jsonBody(call)
  if (!Array.isArray(ids) || !Array.isArray(fields)) {
    throw badRequest('JSON_PARSER_ERROR', 'The body needs the arrays ids and fields')
  }
  return { ids: ids.map(String), names: fields.map(String) }
}

function listsInQuery(call: ApiCall): { ids: string[]; names: string[] } {
  const list = (name: string): string[] => (call.request.query.get(name) ?? '').split(',').filter((one) => one !== '')
  return { ids: list('ids'), names: list('fields') }
}

function fieldNamed(object: ObjectSchema, name: string): Field {
  const field = object.byName.get(name.trim().toLowerCase())
  if (field === undefined) throw new ApiError(400, noSuchColumn(name, object))
  return field
}

function answered(results: readonly RowResult[], shape: { created: boolean }): CrmResponse {
  const body = results.map((result) => {
    if (!result.success) return { success: false, errors: result.errors.map(shownError) }
    const mark = shape.created ? { created: result.created } : {}
    return { id: result.id, success: true, errors: [], ...mark }
  })
  return { status: 200, body }
}

function shownError({ code, message, fields, extra }: RowError) {
  return { ...extra, statusCode: code, message, fields }
}

function failed(code: string, message: string, fields: readonly string[]): Prepared {
  return { errors: [rowError(code, message, fields)] }
}

function tooMany(max: number): ApiError {
  return badRequest('EXCEEDED_ID_LIMIT', `record limit reached. cannot submit more than ${max} records into this call`)
}
