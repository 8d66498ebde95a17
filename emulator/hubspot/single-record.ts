import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import type { StoredRecord } from '../core/record-store.ts'
import { newAssociations, unknownAssociation } from './associations/create-with.ts'
import { shownAssociations } from './associations/shown-associations.ts'
import type { BatchCall } from './batch-write.ts'
import { findRecord, requireUnique } from './id-property.ts'
import { applyRow, planRow, renderWritten } from './plan-row.ts'
import type { ShownProperties } from './render-record.ts'
import { renderRead } from './render-record.ts'
import { jsonObject, writtenProperties } from './request-body.ts'
import { notFound, RequestRefused, validationError } from './request-refused.ts'
import { wholeRefusal } from './row-errors.ts'

export function createRecord(call: BatchCall, request: CrmRequest): CrmResponse {
  return { status: 201, body: writeRecord(call, request, undefined) }
}

export function updateRecord(call: BatchCall, request: CrmRequest, id: string): CrmResponse {
  const existing = recordOf(call, request, id)
  if (existing === undefined) throw notFound()
  return { status: 200, body: writeRecord(call, request, existing) }
}

export function readRecord(call: BatchCall, request: CrmRequest, id: string): CrmResponse {
  const record = recordOf(call, request, id)
  if (record === undefined) throw notFound()
  return { status: 200, body: rendered(call, request, record) }
}

export function archiveRecord({ portal, object }: BatchCall, id: string): CrmResponse {
  portal.store.remove(object.name, portal.aliases.resolve(object.name, id))
  return { status: 204 }
}

/** One page in id order; `after` is the id of the record the next page starts with. */
export function listRecords({ portal, object, version }: BatchCall, request: CrmRequest): CrmResponse {
  const limit = queryNumber(request, 'limit', 10)
  if (limit < 1 || limit > 100) throw validationError('limit must be between 1 and 100')
  const archived = request.query.get('archived') === 'true'
  const records = archived ? removedById(portal.store.allRemoved(object.name)) : undefined
  const ids = records === undefined ? idsInOrder(portal.store.ids(object.name)) : [...records.keys()]
  const start = firstAtOrAfter(ids, queryNumber(request, 'after', 0))
  const page = ids.slice(start, start + limit)
  const results = page.flatMap((id) => {
    const record = records?.get(id) ?? portal.store.get(object.name, id)
    return record === undefined ? [] : [rendered({ portal, object, version }, request, record)]
  })
  const next = ids[start + limit]
  if (next === undefined) return { status: 200, body: { results } }
  const link = `https://api.hubapi.com${request.path}?limit=${limit}&after=${next}`
  return { status: 200, body: { results, paging: { next: { after: next, link } } } }
}

function writeRecord(call: BatchCall, request: CrmRequest, existing: StoredRecord | undefined) {
  const { portal, object, version } = call
  const body = jsonObject(request)
  const input = { properties: writtenProperties(body), existing }
  const plan = planRow(portal, object, { input, claims: new Map(), rules: { version } })
  if (plan.kind !== 'write') throw new RequestRefused(wholeRefusal(portal, [plan]))
  if (existing === undefined) plan.associations = newAssociations(portal, object, body.associations)
  const error = unknownAssociation(portal, plan.associations ?? [])
  if (error !== undefined) throw new RequestRefused(wholeRefusal(portal, [{ kind: 'unassociable', error }]))
  return renderWritten(object, applyRow(portal, object, plan), plan)
}

function recordOf({ portal, object }: BatchCall, request: CrmRequest, id: string): StoredRecord | undefined {
  if (request.method === 'GET' && request.query.get('archived') === 'true') return portal.store.removed(object.name, id)
  const idProperty = request.query.get('idProperty') ?? undefined
  if (idProperty !== undefined) requireUnique({ portal, object }, idProperty, 'read')
  return findRecord(portal, object, { id, idProperty })
}

function rendered({ portal, object }: BatchCall, request: CrmRequest, record: StoredRecord): Record<string, unknown> {
  const body = renderRead(portal, { object, record, shown: shownByQuery(request) })
  const named = commaList(request.query, 'associations')
  if (named.length === 0) return body
  const associations = shownAssociations(portal, { object, id: record.id }, named)
  return associations === undefined ? body : { ...body, associations }
}

function shownByQuery({ query }: CrmRequest): ShownProperties {
  return {
    properties: commaList(query, 'properties'),
    propertiesWithHistory: commaList(query, 'propertiesWithHistory'),
  }
}

function commaList(query: URLSearchParams, name: string): string[] {
  return query.getAll(name).flatMap((text) => text.split(',').filter((part) => part !== ''))
}

function queryNumber(request: CrmRequest, name: string, absent: number): number {
  const text = request.query.get(name)
  if (text === null || text === '') return absent
  if (!/^\d+$/.test(text)) throw validationError(`${name} must be a number`)
  return Number(text)
}

// One list read of a large portal asks for thousands of pages of the same ids.
const sorted = new WeakMap<readonly string[], readonly string[]>()

function idsInOrder(ids: readonly string[]): readonly string[] {
  let ordered = sorted.get(ids)
  if (ordered === undefined) {
    ordered = [...ids].sort((a, b) => Number(a) - Number(b))
    sorted.set(ids, ordered)
  }
  return ordered
}

function removedById(records: Iterable<StoredRecord>): Map<string, StoredRecord> {
  const ordered = [...records].sort((a, b) => Number(a.id) - Number(b.id))
  return new Map(ordered.map((record) => [record.id, record]))
}

function firstAtOrAfter(ids: readonly string[], after: number): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (Number(ids[middle]) < after) low = middle + 1
    else high = middle
  }
  return low
}
