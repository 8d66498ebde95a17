import type { StoredRecord } from '../core/record-store.ts'
import type { Portal } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'
import { secondaryEmails } from './record-aliases.ts'
import { notFound } from './request-refused.ts'

/**
 * The merged record's id answers with the survivor from now on. `newId`: the survivor is a new record, as in accounts
 * without the primary id preservation; else `primary` lives on. Throws RequestRefused(404) for an id that is not there.
 */
export function mergeRecords(
  portal: Portal,
  object: ObjectSchema,
  { primary, merged, newId }: { primary: string; merged: string; newId: boolean },
): StoredRecord {
  const kept = live(portal, object, primary)
  const gone = live(portal, object, merged)
  if (kept.id === gone.id) throw notFound('a record cannot be merged into itself')
  const absorbed = newId ? [kept, gone] : [gone]
  const fields = mergedFields(object, { kept, gone, absorbed })
  for (const record of absorbed) {
    portal.store.remove(object.name, record.id)
    portal.store.forget(object.name, record.id)
  }
  const id = newId ? portal.newId(object) : kept.id
  const survivor = newId
    ? portal.store.create(object.name, id, fields)
    : (portal.store.update(object.name, id, fields) ?? kept)
  for (const record of absorbed) {
    portal.aliases.merge(object.name, { from: record.id, into: id })
    portal.associations.move(object.name, { from: record.id, into: id })
  }
  portal.aliases.setEmails(id, fields.hs_additional_emails)
  return survivor
}

function live(portal: Portal, object: ObjectSchema, id: string): StoredRecord {
  const record = portal.store.get(object.name, portal.aliases.resolve(object.name, id))
  if (record === undefined) throw notFound()
  return record
}

/** The primary's values win; an e-mail of the other becomes a secondary one. */
function mergedFields(
  object: ObjectSchema,
  { kept, gone, absorbed }: { kept: StoredRecord; gone: StoredRecord; absorbed: readonly StoredRecord[] },
): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...gone.fields }
  for (const [name, value] of Object.entries(kept.fields)) if (value !== '') fields[name] = value
  const earlier = [kept, gone].map((record) => record.fields.hs_merged_object_ids).filter(Boolean)
  fields.hs_merged_object_ids = [...earlier, ...absorbed.map((record) => record.id)].join(';')
  if (object.name !== 'contacts') return fields
  const emails = [kept, gone].flatMap((one) => [
    String(one.fields.email ?? ''),
    ...secondaryEmails(one.fields.hs_additional_emails),
  ])
  const others = new Set(emails.filter((email) => email !== '' && email !== fields.email))
  if (others.size > 0) fields.hs_additional_emails = [...others].join(';')
  return fields
}
