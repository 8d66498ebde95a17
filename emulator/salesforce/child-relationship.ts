import type { Field } from './field.ts'
import type { ObjectSchema } from './object-schema.ts'

const NAMELESS = /^(OwnerId|CreatedById|LastModifiedById|MasterRecordId|Converted\w+Id|RecordTypeId)$/

/** What the parent calls its children over the child's reference field; null where it has no name for them. */
export function childRelationshipName(child: ObjectSchema, field: Field): string | null {
  if (NAMELESS.test(field.name)) return null
  const plural = child.labelPlural.replace(/\s+/g, '')
  if (field.custom) return `${plural.replace(/[^A-Za-z0-9]+/g, '_')}__r`
  return field.referenceTo.includes(child.name) ? `Child${plural}` : plural
}
