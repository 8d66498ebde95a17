/**
 * Which asked value a record answers to. HubSpot finds a contact by any of its addresses, and a merged id finds the record it
 * became part of, so an answer can carry another id or address than was asked for. Pure.
 */
import type { CrmRecord, FieldDescription } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'

/** Lists of ids that were merged into a record; the second one, `id:time` pairs, contacts only. */
export const IDENTITY_PROPERTIES = ['hs_merged_object_ids', 'hs_calculated_merged_vids'] as const

interface Row {
  id: string
  properties?: unknown
}

export function absorbedIds(row: Row): Pick<CrmRecord, 'absorbed'> {
  const absorbed = IDENTITY_PROPERTIES.flatMap((name) => parts(row, name))
    .map((part) => part.split(':')[0]?.trim() ?? '')
    .filter((id) => /^\d+$/.test(id) && id !== row.id)
  return absorbed.length === 0 ? {} : { absorbed: [...new Set(absorbed)] }
}

/** `asked` as they stood in the request: folded where the key folds. */
export function answeredKeys(
  row: Row,
  asked: readonly string[],
  key: FieldDescription | undefined,
): Pick<CrmRecord, 'askedFor'> {
  const own = key === undefined ? [row.id, ...(absorbedIds(row).absorbed ?? [])] : parts(row, key.name, false)
  const further = key?.furtherValuesIn === undefined ? [] : parts(row, key.furtherValuesIn)
  const answers = new Set([...own, ...further].map((value) => fold(value, key)))
  const askedFor = asked.filter((value) => answers.has(fold(value, key)))
  return { askedFor }
}

function fold(value: string, key: FieldDescription | undefined): string {
  return key === undefined || key.caseSensitive ? value : value.trim().toLowerCase()
}

/** Neither in a record nor among the ids that HubSpot says it has not. */
export function leftUnanswered(
  asked: readonly string[],
  { records, missing }: { records: readonly CrmRecord[]; missing: readonly string[] },
): readonly string[] {
  const settled = new Set([...missing, ...records.flatMap(({ askedFor = [] }) => askedFor)])
  const folded = new Set([...settled].map((value) => value.toLowerCase()))
  const open = asked.filter((value) => !settled.has(value) && !folded.has(value.toLowerCase()))
  return records.some(({ askedFor = [] }) => askedFor.length === 0) ? open : []
}

function parts(row: Row, name: string, list = true): string[] {
  const text = (isRecord(row.properties) ? textOf(row.properties[name]) : undefined) ?? ''
  return (list ? text.split(';') : [text]).map((part) => (list ? part.trim() : part)).filter((part) => part !== '')
}
