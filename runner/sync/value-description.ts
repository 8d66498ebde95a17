import type { FieldDescription } from '../destination/destination.ts'
import type { FieldMapping } from '../project/project.ts'

/** Fields of the objects that references point to, by API name of the object. */
export type RelatedObjects = ReadonlyMap<string, readonly FieldDescription[]>

/** What the values of a mapping must be: the field's own description, or that of the key they are of another record. Pure. */
export function valueDescription(
  { reference }: FieldMapping,
  own: FieldDescription | undefined,
  related: RelatedObjects | undefined,
): FieldDescription | undefined {
  if (reference === undefined) return own
  return related?.get(reference.object)?.find((field) => field.name === reference.field)
}

/** Keys are compared without case only where the CRM keeps them unique that way (Salesforce: upsert, "external ID"). */
export function foldsCase({ unique, caseSensitive }: FieldDescription): boolean {
  return unique && !caseSensitive
}
