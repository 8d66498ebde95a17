import { type RowError, rowError } from './api-error.ts'
import type { ObjectSchema } from './object-schema.ts'
import type { Org } from './org.ts'
import type { FieldValues } from './row-values.ts'

/** Rules that no administrator can switch off and no describe shows. */
export function platformRefusal(
  org: Org,
  object: ObjectSchema,
  { id, before, values }: { id: string; before: FieldValues; values: FieldValues },
): RowError | undefined {
  if (object.name === 'Lead' && before.IsConverted === true) {
    return rowError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead')
  }
  if (values.ParentId !== undefined && values.ParentId === id) {
    return rowError('CIRCULAR_DEPENDENCY', 'attempting to create a circular dependency', ['ParentId'])
  }
  const { OwnerId } = values
  if (typeof OwnerId !== 'string' || org.isActive(OwnerId)) return undefined
  const message = `operation performed with inactive user [${OwnerId}] as owner of ${object.name.toLowerCase()}`
  return rowError('INACTIVE_OWNER_OR_USER', message)
}
