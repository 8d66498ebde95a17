import { ControlError } from '../core/crm.ts'
import type { StoredRecord } from '../core/record-store.ts'
import { storedValue } from './field-values.ts'
import type { ObjectSchema } from './object-schema.ts'
import type { Org } from './org.ts'
import { canonicalId } from './record-id.ts'
import type { RawRow } from './row-values.ts'
import { keyInput } from './upsert-row.ts'
import { newWriteContext } from './write-context.ts'
import { type Prepared, prepareCreate, prepareUpdate, storeWrite } from './write-row.ts'

/**
 * Seeds, or edits as a colleague would: matched by Id, by a unique field, or by an external id that exactly one record
 * held before this call (so that one call can seed two records with one key); else created. Ids in the order of the
 * rows. Throws ControlError(400) at the first bad row; the rows before it stay.
 */
export function putRecords(org: Org, object: ObjectSchema, rows: readonly RawRow[]): string[] {
  const context = newWriteContext(org, { userId: org.users.colleague, loose: true, textual: true })
  const createdHere = new Set<string>()
  return rows.map((row, index) => {
    context.claims.clear()
    const existing = existingRecord(org, { object, row, createdHere })
    const prepared =
      existing === undefined
        ? prepareCreate(context, object, { row })
        : prepareUpdate(context, object, { id: existing.id, row })
    if ('errors' in prepared) throw refusal(prepared, index)
    storeWrite(context, prepared.write)
    if (existing === undefined) createdHere.add(prepared.write.id)
    return prepared.write.id
  })
}

function existingRecord(
  org: Org,
  { object, row, createdHere }: { object: ObjectSchema; row: RawRow; createdHere: ReadonlySet<string> },
): StoredRecord | undefined {
  for (const field of object.fields) {
    if (field.type !== 'id' && !field.unique && !field.externalId) continue
    const input = keyInput(row, field)
    if (input === undefined || input === null || input === '') continue
    if (field.type === 'id') return byId(org, object, String(input))
    const read = storedValue(field, input, { textual: true })
    if ('error' in read) continue
    const found = org.matching(object, field, read.value).filter((one) => field.unique || !createdHere.has(one.id))
    if (found.length === 1) return found[0]
  }
  return undefined
}

function byId(org: Org, object: ObjectSchema, id: string): StoredRecord {
  const record = org.store.get(object.name, canonicalId(id) ?? '')
  if (record === undefined) throw new ControlError(400, `${object.name} has no record with Id ${id}`)
  return record
}

function refusal(prepared: Extract<Prepared, { errors: unknown }>, index: number): ControlError {
  const reasons = prepared.errors.map((error) => `${error.code}: ${error.message}`).join('; ')
  return new ControlError(400, `body[${index}]: ${reasons}`)
}
