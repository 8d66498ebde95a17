import type { ApiVersion } from '../check-value.ts'
import type { Portal } from '../portal.ts'
import type { ObjectSchema } from '../portal-schema.ts'
import type { JsonObject } from '../request-body.ts'
import { isObject, missingFields, optionalText } from '../request-body.ts'
import { validationError } from '../request-refused.ts'
import type { ItemError } from '../row-errors.ts'
import type { RecordEnd } from './association-store.ts'
import type { AssociationType } from './association-types.ts'

export interface AssociationCall {
  portal: Portal
  from: ObjectSchema
  to: ObjectSchema
  /** `v3` stands for v4 here: the undated family. */
  version: ApiVersion
}

export interface PairInput {
  from: RecordEnd
  to: RecordEnd
  types: AssociationType[]
}

/** The ends of one input; a merged record's old id means the survivor. */
export function endOf(portal: Portal, object: ObjectSchema, input: unknown): RecordEnd {
  const id = isObject(input) ? optionalText(input, 'id') : undefined
  if (id === undefined) throw missingFields('id')
  return { object, id: portal.aliases.resolve(object.name, id) }
}

export function pairOf({ portal, from, to }: AssociationCall, input: JsonObject): Omit<PairInput, 'types'> {
  return { from: endOf(portal, from, input.from), to: endOf(portal, to, input.to) }
}

/** Throws the 400 for a type that is not one of the pair in this direction. */
export function typesOf({ portal, from, to }: AssociationCall, specs: unknown): AssociationType[] {
  if (!Array.isArray(specs) || specs.length === 0) throw missingFields('types')
  return specs.map((spec: unknown) => {
    const category = isObject(spec) ? optionalText(spec, 'associationCategory') : undefined
    const typeId = isObject(spec) ? Number(spec.associationTypeId) : Number.NaN
    if (category === undefined || !Number.isInteger(typeId)) {
      throw missingFields('associationCategory', 'associationTypeId')
    }
    const type = portal.associations.types.find(category, typeId)
    // The words after the type are from a connector's fixture; the rest of the message is not known.
    const wrong = (what: string) => validationError(`Association type ${category}-${typeId}: ${what}`)
    if (type === undefined) throw wrong('no such type')
    if (type.from !== from.name) throw wrong(`invalid from object type ${from.typeId}`)
    if (type.to !== to.name) throw wrong(`invalid to object type ${to.typeId}`)
    return type
  })
}

/** The end that is not there, as an item of `errors`; undefined when both are. */
export function missingEnd(portal: Portal, ends: readonly RecordEnd[]): ItemError | undefined {
  const missing = ends.filter(({ object, id }) => portal.store.get(object.name, id) === undefined)
  const [first] = missing
  if (first === undefined) return undefined
  return {
    status: 'error',
    category: 'VALIDATION_ERROR',
    message: 'One or more associations are invalid',
    context: {
      INVALID_OBJECT_IDS: missing.map(({ object, id }) => `${object.messageName}=${id} is not valid`),
      objectId: missing.map(({ id }) => id),
      objectType: missing.map(({ object }) => object.messageName),
    },
  }
}

export function labelsBetween({ from, to, types }: PairInput): Record<string, unknown> {
  return {
    fromObjectTypeId: from.object.typeId,
    fromObjectId: from.id,
    toObjectTypeId: to.object.typeId,
    toObjectId: to.id,
    labels: types.flatMap(({ label }) => label ?? []),
  }
}
