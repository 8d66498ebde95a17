import type { StoredRecord } from '../core/record-store.ts'
import type { Portal } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'
import { isContactEmail } from './portal-schema.ts'
import { validationError } from './request-refused.ts'

/** `what`: "update/upsert" or "read". Captured bodies name the portal only for hs_object_id. */
export function requireUnique(
  { portal, object }: { portal: Portal; object: ObjectSchema },
  idProperty: string,
  what: string,
): void {
  if (object.unique.includes(idProperty)) return
  const where = idProperty === 'hs_object_id' ? ` in portal ID ${portal.portalId}` : ''
  throw validationError(`Unable to perform ${what} by non-unique ${object.typeId} property ${idProperty}${where}`)
}

/**
 * Two inputs for one record refuse the whole request, with and without trace ids: the same id or key twice, or two that
 * lead to one record, such as a contact's primary and secondary e-mail.
 */
export function refuseDuplicates(
  { portal, object }: { portal: Portal; object: ObjectSchema },
  inputs: readonly { id?: string; idProperty?: string }[],
): void {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { id = '', idProperty } of inputs) {
    const record = findRecord(portal, object, { id, idProperty })
    const folded = idProperty !== undefined && isContactEmail(object, idProperty) ? id.toLowerCase() : id
    const key = record === undefined ? `${idProperty ?? ''} ${folded}` : `record ${record.id}`
    if (seen.has(key)) twice.add(id)
    seen.add(key)
  }
  if (twice.size === 0) return
  const ids = [...twice]
  const message = `Duplicate IDs found in batch input: [${ids.join(', ')}]. IDs must be unique`
  throw validationError(message, { context: { ids } })
}

/** By record id, where that of a merged record leads to the survivor, or by unique property. */
export function findRecord(
  portal: Portal,
  object: ObjectSchema,
  { id, idProperty }: { id: string; idProperty?: string | undefined },
): StoredRecord | undefined {
  if (idProperty === undefined) return portal.store.get(object.name, portal.aliases.resolve(object.name, id))
  return portal.findByUnique(object, idProperty, id)
}
