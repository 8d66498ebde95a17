import type { Portal } from '../portal.ts'
import type { ObjectSchema } from '../portal-schema.ts'
import { invalidInput, isObject, missingFields } from '../request-body.ts'
import type { ItemError } from '../row-errors.ts'
import type { PairInput } from './association-call.ts'
import { endOf, missingEnd, typesOf } from './association-call.ts'
import type { AssociationType } from './association-types.ts'

/** What a record to create is to be associated with: `to` and the types seen from the new record. */
export type NewAssociation = Pick<PairInput, 'to' | 'types'>

/** `associations` of a create. The object on the other side follows from the type. Throws the 400 for a wrong type. */
export function newAssociations(portal: Portal, from: ObjectSchema, given: unknown): NewAssociation[] {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given)) throw invalidInput('associations is not a list')
  return given.map((one: unknown) => {
    if (!isObject(one)) throw missingFields('to', 'types')
    const to = otherObject(portal, one.types)
    const types = typesOf({ portal, from, to: to ?? from, version: 'v3' }, one.types)
    return { to: endOf(portal, to ?? from, one.to), types }
  })
}

export function unknownAssociation(portal: Portal, list: readonly NewAssociation[]): ItemError | undefined {
  return missingEnd(
    portal,
    list.map(({ to }) => to),
  )
}

function otherObject(portal: Portal, specs: unknown): ObjectSchema | undefined {
  const [spec] = Array.isArray(specs) ? specs : []
  if (!isObject(spec)) return undefined
  const type: AssociationType | undefined = portal.associations.types.find(
    String(spec.associationCategory),
    Number(spec.associationTypeId),
  )
  return type === undefined ? undefined : portal.schema.find(type.to)
}
