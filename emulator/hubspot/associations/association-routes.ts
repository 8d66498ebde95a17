import type { CrmRequest, CrmResponse } from '../../core/crm.ts'
import type { ObjectSchema } from '../portal-schema.ts'
import type { JsonObject } from '../request-body.ts'
import { decodeSegment, jsonObject, missingFields, optionalText } from '../request-body.ts'
import { validationError } from '../request-refused.ts'
import {
  archiveAssociations,
  archiveLabels,
  associateDefault,
  associatedWith,
  createAssociations,
  createDefaults,
  pageOf,
  readAssociations,
  requireEnds,
  typeShown,
} from './association-batches.ts'
import type { AssociationCall } from './association-call.ts'
import { labelsBetween, typesOf } from './association-call.ts'

/** `rest`: what follows the two object types: `batch/…` or `labels`. Undefined: no such route. */
export function handlePair(call: AssociationCall, request: CrmRequest, rest: string): CrmResponse | undefined {
  const { method } = request
  if (rest === 'labels' && method === 'GET') return labels(call)
  if (rest === 'labels' && method === 'POST') return createLabel(call, jsonObject(request))
  const gone = /^labels\/(\d+)$/.exec(rest)
  if (gone !== null && method === 'DELETE') {
    call.portal.associations.types.remove('USER_DEFINED', Number(gone[1]))
    return { status: 204 }
  }
  if (method !== 'POST') return undefined
  switch (rest) {
    case 'batch/create':
      return createAssociations(call, jsonObject(request))
    case 'batch/associate/default':
      return createDefaults(call, jsonObject(request))
    case 'batch/read':
      return readAssociations(call, jsonObject(request))
    case 'batch/archive':
      return archiveAssociations(call, jsonObject(request))
    case 'batch/labels/archive':
      return archiveLabels(call, jsonObject(request))
    default:
      return undefined
  }
}

/** Is this a write? For scopes: batch reads are POST as well. */
export function writesAssociations({ method, path }: CrmRequest): boolean {
  return method !== 'GET' && !path.endsWith('/batch/read')
}

/** `…/{type}/{id}/associations/{toType}[/{toId}]`, and the same with `default/` before the second type. */
export const SINGLE = /^([^/]+)\/associations\/(default\/)?([^/]+)(?:\/([^/]+))?$/

export function handleSingle(
  call: AssociationCall,
  request: CrmRequest,
  { fromId, isDefault, toId }: { fromId: string; isDefault: boolean; toId: string | undefined },
): CrmResponse | undefined {
  const { portal } = call
  const end = (object: ObjectSchema, id: string) => ({ object, id: portal.aliases.resolve(object.name, id) })
  const from = end(call.from, decodeSegment(fromId))
  if (toId === undefined) return request.method === 'GET' ? listOf(call, request, from) : undefined
  const to = end(call.to, decodeSegment(toId))
  if (request.method === 'DELETE' && !isDefault) {
    portal.associations.remove(from, to)
    return { status: 204 }
  }
  if (request.method !== 'PUT') return undefined
  requireEnds(call, [from, to])
  if (isDefault) return defaultOf(call, from, to)
  const types = typesOf(call, specsOf(request))
  portal.associations.add(from, to, types)
  return { status: 201, body: labelsBetween({ from, to, types }) }
}

function defaultOf(call: AssociationCall, ...ends: Parameters<typeof requireEnds>[1]): CrmResponse {
  const [from, to] = ends
  if (from === undefined || to === undefined) throw missingFields('from', 'to')
  const at = new Date(call.portal.context.clock.nowMs()).toISOString()
  const body = { status: 'COMPLETE', results: associateDefault(call, from, to), startedAt: at, completedAt: at }
  return { status: 200, body }
}

function specsOf({ body }: CrmRequest): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw missingFields('associationCategory', 'associationTypeId')
  }
}

function listOf(call: AssociationCall, { query }: CrmRequest, from: { object: ObjectSchema; id: string }): CrmResponse {
  const limit = Number(query.get('limit') ?? 500)
  if (!(limit >= 1 && limit <= 500)) throw validationError('limit must be between 1 and 500')
  const { to, ...paging } = pageOf(associatedWith(call, from), Number(query.get('after') ?? 0), limit)
  return { status: 200, body: { results: to, ...paging } }
}

function labels({ portal, from, to }: AssociationCall): CrmResponse {
  return { status: 200, body: { results: portal.associations.types.between(from, to).map(typeShown) } }
}

function createLabel({ portal, from, to }: AssociationCall, body: JsonObject): CrmResponse {
  const label = optionalText(body, 'label')
  if (label === undefined || optionalText(body, 'name') === undefined) throw missingFields('label', 'name')
  const held = portal.associations.types.between(from, to).some((type) => type.label === label)
  if (held) throw validationError(`an association label "${label}" already exists`)
  const added = portal.associations.types.addLabel(from, to, [label, optionalText(body, 'inverseLabel') ?? label])
  return { status: 200, body: { results: added.map(typeShown) } }
}
