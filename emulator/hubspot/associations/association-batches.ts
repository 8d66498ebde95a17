import type { CrmResponse } from '../../core/crm.ts'
import { batchResponse } from '../batch-write.ts'
import type { JsonObject } from '../request-body.ts'
import { inputList } from '../request-body.ts'
import { RequestRefused, validationError } from '../request-refused.ts'
import type { ItemError } from '../row-errors.ts'
import type { AssociationCall } from './association-call.ts'
import { endOf, labelsBetween, missingEnd, pairOf, typesOf } from './association-call.ts'
import type { RecordEnd } from './association-store.ts'
import type { AssociationType } from './association-types.ts'

const MAX_WRITTEN = 2_000
const MAX_READ = 1_000
const MAX_ARCHIVED = 100
const PAGE = 500

/** The dated family answers 200 where v4 answers 201 and 204. */
function statusOf({ version }: AssociationCall, undated: number): number {
  return version === 'v3' ? undated : 200
}

export function createAssociations(call: AssociationCall, body: JsonObject): CrmResponse {
  const { portal } = call
  const inputs = inputList(body, MAX_WRITTEN).map((input) => ({
    ...pairOf(call, input),
    types: typesOf(call, input.types),
  }))
  const results: unknown[] = []
  const errors: ItemError[] = []
  for (const input of inputs) {
    const missing = missingEnd(portal, [input.from, input.to])
    if (missing === undefined) {
      portal.associations.add(input.from, input.to, input.types)
      results.push(labelsBetween(input))
    } else errors.push(missing)
  }
  return batchResponse(call, { results, errors, status: statusOf(call, 201), written: true })
}

/** The unlabelled type; answers both directions. Its schema has `errors` inside the 200 and no 207. */
export function createDefaults(call: AssociationCall, body: JsonObject): CrmResponse {
  const { portal } = call
  const results: unknown[] = []
  const errors: ItemError[] = []
  for (const { from, to } of inputList(body, MAX_WRITTEN).map((input) => pairOf(call, input))) {
    const missing = missingEnd(portal, [from, to])
    if (missing === undefined) results.push(...associateDefault(call, from, to))
    else errors.push(missing)
  }
  const { body: answer } = batchResponse(call, { results, errors: [], status: 200 })
  if (errors.length === 0) return { status: 200, body: answer }
  return { status: 200, body: { ...Object(answer), numErrors: errors.length, errors } }
}

export function associateDefault({ portal }: AssociationCall, from: RecordEnd, to: RecordEnd): unknown[] {
  const plain = portal.associations.types.unlabelled(from.object, to.object)
  portal.associations.add(from, to, [plain])
  const seen = (ends: [RecordEnd, RecordEnd], typeId: number) => ({
    from: { id: ends[0].id },
    to: { id: ends[1].id },
    associationSpec: { associationCategory: plain.category, associationTypeId: typeId },
  })
  return [seen([from, to], plain.typeId), seen([to, from], plain.inverseId)]
}

export function archiveAssociations(call: AssociationCall, body: JsonObject): CrmResponse {
  const { portal } = call
  for (const input of inputList(body, MAX_ARCHIVED)) {
    const from = endOf(portal, call.from, input.from)
    if (!Array.isArray(input.to)) throw validationError('to is not a list')
    for (const to of input.to) portal.associations.remove(from, endOf(portal, call.to, to))
  }
  return archived(call)
}

export function archiveLabels(call: AssociationCall, body: JsonObject): CrmResponse {
  for (const input of inputList(body, MAX_WRITTEN)) {
    const { from, to } = pairOf(call, input)
    call.portal.associations.remove(from, to, typesOf(call, input.types))
  }
  return archived(call)
}

function archived(call: AssociationCall): CrmResponse {
  const status = statusOf(call, 204)
  return status === 204 ? { status } : batchResponse(call, { results: [], errors: [], status })
}

export function readAssociations(call: AssociationCall, body: JsonObject): CrmResponse {
  const results: unknown[] = []
  const errors: ItemError[] = []
  for (const input of inputList(body, MAX_READ)) {
    const from = endOf(call.portal, call.from, input)
    const to = associatedWith(call, from)
    if (to.length === 0) errors.push(noneFound(call, from))
    else results.push({ from: { id: from.id }, ...pageOf(to, Number(input.after ?? 0), PAGE) })
  }
  return batchResponse(call, { results, errors, status: 200 })
}

/** Live records only: an archived one has no associations until it is restored. */
export function associatedWith({ portal, to }: AssociationCall, from: RecordEnd): unknown[] {
  return portal.associations
    .of(from, to)
    .filter(({ id }) => portal.store.get(to.name, id) !== undefined)
    .map(({ id, types }) => ({ toObjectId: id, associationTypes: types.map(typeShown) }))
}

export function typeShown({ category, typeId, label }: AssociationType): Record<string, unknown> {
  return { category, typeId, ...(label === null ? {} : { label }) }
}

export function pageOf(to: unknown[], after: number, limit: number): Record<string, unknown> {
  const page = { to: to.slice(after, after + limit) }
  return after + limit < to.length ? { ...page, paging: { next: { after: String(after + limit) } } } : page
}

function noneFound({ from: fromObject, to }: AssociationCall, from: RecordEnd): ItemError {
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
    message: `No ${to.singular} is associated with ${fromObject.singular} ${from.id}.`,
    context: { fromObjectId: [from.id], fromObjectType: [fromObject.singular], toObjectType: [to.singular] },
  }
}

/** The refusal of a single association for an end that is not there. */
export function requireEnds({ portal }: AssociationCall, ends: readonly RecordEnd[]): void {
  const missing = missingEnd(portal, ends)
  if (missing === undefined) return
  const { category, message, context } = missing
  throw new RequestRefused({ status: 400, category, message, context })
}
