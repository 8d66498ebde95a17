import type { CrmResponse } from '../core/crm.ts'
import type { BatchCall } from './batch-write.ts'
import { batchResponse } from './batch-write.ts'
import { findRecord, requireUnique } from './id-property.ts'
import { renderRead } from './render-record.ts'
import type { JsonObject } from './request-body.ts'
import { inputList, missingFields, optionalText, textList } from './request-body.ts'
import { validationError } from './request-refused.ts'
import { notFoundItem } from './row-errors.ts'

/** Ids that are not there come back in one 207 item; an id asked for twice is answered once. */
export function batchRead(call: BatchCall, body: JsonObject, archived: boolean): CrmResponse {
  const { portal, object } = call
  const shown = {
    properties: textList(body, 'properties'),
    propertiesWithHistory: textList(body, 'propertiesWithHistory'),
  }
  const ids = readIds(body, shown.propertiesWithHistory.length > 0)
  const idProperty = optionalText(body, 'idProperty')
  if (idProperty !== undefined) requireUnique({ portal, object }, idProperty, 'read')
  const results = new Map<string, unknown>()
  const missing: string[] = []
  for (const id of new Set(ids)) {
    const record = archived ? portal.store.removed(object.name, id) : findRecord(portal, object, { id, idProperty })
    if (record === undefined) missing.push(id)
    else if (!results.has(record.id)) results.set(record.id, renderRead(portal, { object, record, shown }))
  }
  const errors = missing.length === 0 ? [] : [notFoundItem(object, missing)]
  return batchResponse(call, { results: [...results.values()], errors, status: 200 })
}

export function batchArchive({ portal, object }: BatchCall, body: JsonObject): CrmResponse {
  // 204 whether or not the ids exist.
  for (const id of readIds(body, false)) portal.store.remove(object.name, portal.aliases.resolve(object.name, id))
  return { status: 204 }
}

function readIds(body: JsonObject, withHistory: boolean): string[] {
  const inputs = inputList(body, 100)
  if (withHistory && inputs.length > 50) {
    const limit = 'The maximum number of inputs supported in a batch request for property histories is 50.'
    throw validationError(`${limit} Please reduce the number of items and try again`)
  }
  return inputs.map((input) => {
    const id = optionalText(input, 'id')
    if (id === undefined) throw missingFields('id')
    return id
  })
}
