import type { ValueProblem } from './check-value.ts'
import type { RowPlan } from './plan-row.ts'
import type { Portal } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'
import type { Refusal } from './request-refused.ts'

export type RowFailure = Exclude<RowPlan, { kind: 'write' }>

/** `errors[]` item of a 207. Real ones leave out `errors` and `links`, which the published schema asks for. */
export interface ItemError {
  status: 'error'
  category: string
  subCategory?: string
  message: string
  context: Record<string, string[]>
}

export function itemError(portal: Portal, failure: RowFailure, traceId: string): ItemError {
  const context: Record<string, string[]> = { objectWriteTraceId: [traceId] }
  if (failure.kind === 'conflict') context.existingId = [failure.existingId]
  const more = failure.kind === 'unassociable' ? failure.error.context : {}
  return { status: 'error', ...refusalOf(portal, failure), context: { ...more, ...context } }
}

/** One item for all the ids: nothing says which input it was. */
export function notFoundItem(object: ObjectSchema, ids: string[]): ItemError {
  const message = `Could not get some ${object.messageName} objects, they may be deleted or not exist. Check that ids are valid.`
  return { status: 'error', category: 'OBJECT_NOT_FOUND', message, context: { ids } }
}

/** The refusal of a whole request for its rows' failures: it does not say which row each belongs to. */
export function wholeRefusal(portal: Portal, failures: readonly RowFailure[]): Refusal {
  const problems = failures.flatMap((failure) => (failure.kind === 'invalid' ? failure.problems : []))
  const conflict = failures.find((failure) => failure.kind === 'conflict')
  if (problems.length === 0 && conflict !== undefined) return { status: 409, ...refusalOf(portal, conflict) }
  const unassociable = failures.find((failure) => failure.kind === 'unassociable')
  if (problems.length === 0 && unassociable !== undefined) {
    return { status: 400, ...refusalOf(portal, unassociable), context: unassociable.error.context }
  }
  const refusal = { status: 400, ...refusalOf(portal, { kind: 'invalid', problems }) }
  if (portal.policies.writes.refusal === 'message_only') return refusal
  const errors = problems.map(({ property, code, message, because }) => ({
    message,
    code,
    context: { propertyName: because === undefined ? [property] : [property, because] },
  }))
  return { ...refusal, errors }
}

function refusalOf(portal: Portal, failure: RowFailure): { message: string; category: string } {
  if (failure.kind === 'conflict') return { message: failure.message, category: 'CONFLICT' }
  if (failure.kind === 'unassociable') return { message: failure.error.message, category: failure.error.category }
  const listed = failure.problems.map((found) => listedProblem(portal, found))
  return { message: `Property values were not valid: ${JSON.stringify(listed)}`, category: 'VALIDATION_ERROR' }
}

function listedProblem({ portalId }: Portal, { property, code, message, value }: ValueProblem) {
  return {
    isValid: false,
    message,
    error: code,
    name: property,
    localizedErrorMessage: message,
    ...(value === undefined ? {} : { propertyValue: value }),
    portalId,
  }
}
