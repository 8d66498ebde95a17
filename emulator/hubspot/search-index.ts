import type { StoredRecord } from '../core/record-store.ts'
import type { Portal } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'

/**
 * A record as the search index knows it, which lags behind by the policy's `index_lag_ms`; undefined while it does not
 * know it at all. Results carry the indexed values. An archived record disappears at once.
 */
export function indexedView(portal: Portal, object: ObjectSchema): (record: StoredRecord) => StoredRecord | undefined {
  const lagMs = portal.policies.search.index_lag_ms
  if (lagMs === 0) return (record) => record
  const untilMs = portal.context.clock.nowMs() - lagMs
  return (record) => {
    if (record.updatedAtMs <= untilMs) return record
    if (record.createdAtMs > untilMs) return undefined
    const known = portal.store.versions(object.name, record.id).findLast(({ at }) => Date.parse(at) <= untilMs)
    return known === undefined ? undefined : { ...record, fields: known.fields, updatedAtMs: Date.parse(known.at) }
  }
}
