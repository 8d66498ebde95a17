/** `reference:` against the CRM: the field points to that object, and the key is one the CRM finds records by. Pure. */
import type { FieldDescription, ReferenceDescription } from '../destination/destination.ts'
import type { Problem } from '../errors.ts'
import type { FieldMapping } from '../project/project.ts'
import { unknownField } from './missing-names.ts'
import type { PreflightRequest } from './preflight.ts'
import { suggestedName } from './suggested-name.ts'

type Reference = NonNullable<FieldMapping['reference']>

export function referenceProblems(
  request: PreflightRequest,
  field: FieldMapping,
  description: FieldDescription,
): Problem[] {
  const { reference } = field
  if (reference === undefined) return []
  const { reference: pointer } = description
  if (pointer === undefined || pointer.relationship === undefined)
    return [notAReference(request, description, reference)]
  if (!pointer.to.includes(reference.object)) return [otherObject(request, description, { reference, pointer })]
  const fields = request.related?.get(reference.object)
  return fields === undefined ? [] : targetProblems(reference, fields)
}

function notAReference({ sync }: PreflightRequest, { name, vendorType }: FieldDescription, { at }: Reference): Problem {
  return {
    code: 'E-MAP-REFERENCE',
    message: `${sync.object}.${name} is ${vendorType} and points to no record`,
    at,
    help: 'remove "reference" to write the value itself, or map the lookup field (often ending in Id or __c)',
  }
}

function otherObject(
  { sync }: PreflightRequest,
  { name }: FieldDescription,
  { reference, pointer }: { reference: Reference; pointer: ReferenceDescription },
): Problem {
  return {
    code: 'E-MAP-REFERENCE',
    message: `${sync.object}.${name} points to ${pointer.to.join(' or ')}, not to "${reference.object}"`,
    at: reference.objectAt,
    ...suggestedName(reference.object, pointer.to),
    help: `write object: ${pointer.to[0] ?? ''}`,
  }
}

function targetProblems(reference: Reference, fields: readonly FieldDescription[]): Problem[] {
  const { object, field: name, fieldAt } = reference
  const key = fields.find((field) => field.name === name)
  if (key === undefined) return [unknownField(name, fieldAt, { object, fields })]
  if (key.vendorType === 'id') {
    return [
      {
        code: 'E-MAP-REFERENCE',
        message: `"${name}" is the record's own id, which needs no reference`,
        at: fieldAt,
        help: 'remove "reference" and map the column with the id directly',
      },
    ]
  }
  if (key.matchable) return []
  const keys = fields.filter((field) => field.matchable && field.vendorType !== 'id').map((field) => field.name)
  return [
    {
      code: 'E-MAP-NOKEY',
      message: `${object}.${name} is no External ID, so ${object} records cannot be found by it`,
      at: fieldAt,
      ...(keys.length === 0 ? {} : suggestedName(name, keys)),
      help: 'mark the field as External ID in Salesforce, or refer by a field that is one',
    },
  ]
}

/** Worth knowing, and no reason to stop. */
export function referenceWarnings({ sync, related }: PreflightRequest): Problem[] {
  return sync.fields.flatMap(({ reference }) => {
    if (reference === undefined) return []
    const key = related?.get(reference.object)?.find((field) => field.name === reference.field)
    if (key === undefined || key.unique || !key.matchable) return []
    return [
      {
        code: 'W-MAP-KEY' as const,
        message: `${reference.object}.${key.name} is not marked Unique: a row whose value two records share is refused`,
        at: reference.fieldAt,
        help: 'set Unique on the field in the CRM, or refer by a field that is',
      },
    ]
  })
}
