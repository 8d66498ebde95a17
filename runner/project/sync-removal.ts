/** What happens to the record of a row that has left the model. */
import type { Position } from '../errors.ts'
import type { FieldMapping } from './project.ts'

export type OnRemoved =
  | { action: 'nothing' }
  | { action: 'clear_fields' | 'delete'; at: Position }
  /** Constants; fields among them that are not mapped are written then and at no other time. */
  | { action: 'set'; fields: readonly FieldMapping[]; at: Position }

/** Every field that a request of the sync can hold. */
export function writtenFields({
  fields,
  onRemoved,
}: {
  fields: readonly FieldMapping[]
  onRemoved: OnRemoved
}): readonly FieldMapping[] {
  return [...fields, ...fieldsOnRemoval({ fields, onRemoved })]
}

/** Those that only a removal writes. */
export function fieldsOnRemoval({
  fields,
  onRemoved,
}: {
  fields: readonly FieldMapping[]
  onRemoved: OnRemoved
}): readonly FieldMapping[] {
  if (onRemoved.action !== 'set') return []
  const mapped = new Set(fields.map(({ to }) => to.toLowerCase()))
  return onRemoved.fields.filter(({ to }) => !mapped.has(to.toLowerCase()))
}
