import type { StoredRecord } from '../core/record-store.ts'
import { recordTimes } from './plan-row.ts'
import type { Portal } from './portal.ts'
import { storedValue } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'

/** What a read asks for; no properties means the object's default ones. */
export interface ShownProperties {
  properties: readonly string[]
  propertiesWithHistory: readonly string[]
}

/** The record as a read answers it: null for a property without a value, a property the portal has not is left out. */
export function renderRead(
  portal: Portal,
  { object, record, shown }: { object: ObjectSchema; record: StoredRecord; shown: ShownProperties },
): Record<string, unknown> {
  const properties: Record<string, string | null> = {}
  const asked = [...shown.properties, ...shown.propertiesWithHistory]
  const always = asked.length === 0 ? object.shown : ['createdate', 'hs_object_id', object.lastModified]
  for (const names of [always, asked]) {
    for (const name of names) {
      if (object.properties.has(name)) properties[name] = storedValue(object, record, name) || null
    }
  }
  const body: Record<string, unknown> = { id: record.id, properties, ...recordTimes(record) }
  if (record.removed) body.archivedAt = body.updatedAt
  if (shown.propertiesWithHistory.length > 0) body.propertiesWithHistory = histories(portal, { object, record, shown })
  return body
}

function histories(
  portal: Portal,
  { object, record, shown }: { object: ObjectSchema; record: StoredRecord; shown: ShownProperties },
): Record<string, unknown[]> {
  const versions = portal.store.versions(object.name, record.id)
  const lists: Record<string, unknown[]> = {}
  for (const name of shown.propertiesWithHistory) {
    if (!object.properties.has(name)) continue
    let last: unknown
    const values: unknown[] = []
    for (const { at, request, fields } of versions) {
      if (fields[name] === undefined || fields[name] === last) continue
      last = fields[name]
      values.unshift({ value: last, timestamp: at, sourceType: request === 'control' ? 'CRM_UI' : 'INTEGRATION' })
    }
    lists[name] = values
  }
  return lists
}
