import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import { batchArchive, batchRead } from './batch-read.ts'
import type { BatchCall } from './batch-write.ts'
import { batchCreate, batchUpdate, batchUpsert } from './batch-write.ts'
import { findRecord } from './id-property.ts'
import { mergeRecords } from './merge-records.ts'
import { renderRead } from './render-record.ts'
import { decodeSegment, jsonObject, missingFields, optionalText } from './request-body.ts'
import { searchRecords } from './search-records.ts'
import { archiveRecord, createRecord, listRecords, readRecord, updateRecord } from './single-record.ts'

/** For scopes: search and batch read are POST as well. */
export function writesRecords(method: string, rest: string): boolean {
  return method !== 'GET' && rest !== 'search' && rest !== 'batch/read'
}

/** `rest`: what follows the object type. Undefined: no such route. */
export function handleObjects(call: BatchCall, request: CrmRequest, rest: string): CrmResponse | undefined {
  const { method } = request
  if (method === 'POST') return rest === '' ? createRecord(call, request) : posted(call, request, rest)
  if (rest === '' && method === 'GET') return listRecords(call, request)
  if (rest === '' || rest.includes('/')) return undefined
  const id = decodeSegment(rest)
  if (method === 'GET') return readRecord(call, request, id)
  if (method === 'PATCH') return updateRecord(call, request, id)
  if (method === 'DELETE') return archiveRecord(call, id)
  return undefined
}

function posted(call: BatchCall, request: CrmRequest, rest: string): CrmResponse | undefined {
  switch (rest) {
    case 'search':
      return searchRecords(call, request)
    case 'merge':
      return merge(call, request)
    case 'gdpr-delete':
      return call.object.name === 'contacts' ? erase(call, request) : undefined
    case 'batch/read':
      return batchRead(call, jsonObject(request), request.query.get('archived') === 'true')
    case 'batch/create':
      return batchCreate(call, jsonObject(request))
    case 'batch/update':
      return batchUpdate(call, jsonObject(request))
    case 'batch/upsert':
      return batchUpsert(call, jsonObject(request))
    case 'batch/archive':
      return batchArchive(call, jsonObject(request))
    default:
      return undefined
  }
}

function merge({ portal, object }: BatchCall, request: CrmRequest): CrmResponse {
  const body = jsonObject(request)
  const primary = optionalText(body, 'primaryObjectId')
  const merged = optionalText(body, 'objectIdToMerge')
  if (primary === undefined || merged === undefined) throw missingFields('primaryObjectId', 'objectIdToMerge')
  const record = mergeRecords(portal, object, { primary, merged, newId: true })
  const shown = { properties: [], propertiesWithHistory: [] }
  return { status: 200, body: renderRead(portal, { object, record, shown }) }
}

/** Deleted for good: not among the archived ones either. */
function erase({ portal, object }: BatchCall, request: CrmRequest): CrmResponse {
  const body = jsonObject(request)
  const id = optionalText(body, 'objectId')
  if (id === undefined) throw missingFields('objectId')
  const record = findRecord(portal, object, { id, idProperty: optionalText(body, 'idProperty') })
  if (record !== undefined) {
    portal.store.remove(object.name, record.id)
    portal.store.forget(object.name, record.id)
  }
  return { status: 204 }
}
