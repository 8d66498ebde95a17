import type { CrmResponse } from '../core/crm.ts'
import type { StoredRecord } from '../core/record-store.ts'
import { type ApiCall, jsonBody, objectNamed, writeContext } from './api-call.ts'
import { ApiError, badRequest, notFound, type RowError, rowError } from './api-error.ts'
import type { ObjectSchema } from './object-schema.ts'
import { canonicalId } from './record-id.ts'
import { attributes, rowUrl, shownValue, wholeRow } from './record-json.ts'
import { noSuchColumn, type RawRow } from './row-values.ts'
import { keyField, keyInput, keyValue, prepareUpsert } from './upsert-row.ts'
import type { WriteContext } from './write-context.ts'
import { type Prepared, prepareCreate, prepareDelete, prepareUpdate, storeWrite } from './write-row.ts'

/** POST /sobjects/{object} */
export function createRow(call: ApiCall): CrmResponse {
  const object = objectNamed(call, call.args[0])
  const row = jsonBody(call)
  if (keyInput(row, idField(object)) !== undefined) {
    throw new ApiError(400, rowError('INVALID_FIELD', 'cannot specify Id in an insert call', ['Id']))
  }
  const context = writeContext(call)
  return created(call, object, stored(context, prepareCreate(context, object, { row })))
}

/** GET /sobjects/{object}/{id} */
export function readRow(call: ApiCall): CrmResponse {
  const object = objectNamed(call, call.args[0])
  return shown(call, object, liveRecord(call, object, call.args[1] ?? ''))
}

/** PATCH /sobjects/{object}/{id} */
export function updateRow(call: ApiCall): CrmResponse {
  const object = objectNamed(call, call.args[0])
  const row = jsonBody(call)
  if (keyInput(row, idField(object)) !== undefined) {
    throw new ApiError(
      400,
      rowError('INVALID_FIELD', 'The Id field should not be specified in the sobject data.', ['Id']),
    )
  }
  const { id } = liveRecord(call, object, call.args[1] ?? '')
  const context = writeContext(call)
  stored(context, prepareUpdate(context, object, { id, row }))
  return { status: 204 }
}

/** DELETE /sobjects/{object}/{id} */
export function deleteRow(call: ApiCall): CrmResponse {
  const object = objectNamed(call, call.args[0])
  const { id } = liveRecord(call, object, call.args[1] ?? '')
  const context = writeContext(call)
  stored(context, prepareDelete(context, id))
  return { status: 204 }
}

/** GET /sobjects/{object}/{key field}/{value} */
export function readRowByKey(call: ApiCall): CrmResponse {
  const { object, found } = byKey(call)
  const [only] = found
  if (only === undefined) throw notFound()
  return found.length > 1 ? severalRows(call, object, found) : shown(call, object, only)
}

/** PATCH /sobjects/{object}/{key field}/{value}[?updateOnly=true] */
export function upsertRow(call: ApiCall): CrmResponse {
  const { object, field, value, found } = byKey(call)
  const row = jsonBody(call)
  refuseKeyInBody(row, object, field.name)
  if (found.length > 1) return severalRows(call, object, found)
  if (found.length === 0 && call.request.query.get('updateOnly') === 'true') throw notFound()
  const context = writeContext(call)
  const id = stored(context, prepareUpsert(context, { object, field, value, row }))
  if (found.length === 0) return created(call, object, id)
  return { status: 200, body: { id, success: true, errors: [], created: false } }
}

/** DELETE /sobjects/{object}/{key field}/{value} */
export function deleteRowByKey(call: ApiCall): CrmResponse {
  const { object, found } = byKey(call)
  const [only] = found
  if (only === undefined) throw notFound()
  if (found.length > 1) return severalRows(call, object, found)
  const context = writeContext(call)
  stored(context, prepareDelete(context, only.id))
  return { status: 204 }
}

function byKey(call: ApiCall) {
  const object = objectNamed(call, call.args[0])
  const field = keyField(object, call.args[1] ?? '')
  const key = keyValue(field, call.args[2] ?? '')
  if ('error' in key) throw new ApiError(400, key.error)
  return { object, field, value: key.value, found: call.org.matching(object, field, key.value) }
}

function refuseKeyInBody(row: RawRow, object: ObjectSchema, key: string): void {
  for (const name of ['Id', key]) {
    if (keyInput(row, object.byName.get(name.toLowerCase()) ?? idField(object)) === undefined) continue
    const message = `The ${name} field should not be specified in the sobject data.`
    throw new ApiError(400, rowError('INVALID_FIELD', message, [name]))
  }
}

function liveRecord(call: ApiCall, object: ObjectSchema, text: string): StoredRecord {
  const id = canonicalId(text)
  const record = id === undefined ? undefined : call.org.store.get(object.name, id)
  if (record !== undefined) return record
  if (id !== undefined && call.org.store.removed(object.name, id) !== undefined) {
    throw new ApiError(404, rowError('ENTITY_IS_DELETED', 'entity is deleted'))
  }
  throw notFound()
}

function stored(context: WriteContext, prepared: Prepared): string {
  if ('errors' in prepared) throw new ApiError(statusOf(prepared.errors), prepared.errors)
  storeWrite(context, prepared.write)
  return prepared.write.id
}

function statusOf(errors: readonly RowError[]): number {
  return errors.some((one) => one.code === 'ENTITY_IS_DELETED') ? 404 : 400
}

function created(call: ApiCall, object: ObjectSchema, id: string): CrmResponse {
  const body = { id, success: true, errors: [], ...(call.args.length > 1 ? { created: true } : {}) }
  return { status: 201, headers: { location: rowUrl(call.version, object, id) }, body }
}

/** 300: the key belongs to several records; nothing was written. */
function severalRows(call: ApiCall, object: ObjectSchema, found: readonly StoredRecord[]): CrmResponse {
  return { status: 300, body: found.map((record) => rowUrl(call.version, object, record.id)) }
}

function shown(call: ApiCall, object: ObjectSchema, record: StoredRecord): CrmResponse {
  const wanted = call.request.query.get('fields')
  if (wanted === null) return { status: 200, body: wholeRow(call.version, object, record) }
  const row: Record<string, unknown> = { attributes: attributes(call.version, object, record.id) }
  for (const name of wanted.split(',').map((one) => one.trim())) {
    const field = object.byName.get(name.toLowerCase())
    if (field === undefined) throw new ApiError(400, noSuchColumn(name, object))
    row[field.name] = shownValue(record, field)
  }
  return { status: 200, body: { ...row, Id: record.id } }
}

function idField(object: ObjectSchema) {
  const field = object.byName.get('id')
  if (field === undefined) throw badRequest('INVALID_TYPE', `${object.name} has no Id`)
  return field
}
