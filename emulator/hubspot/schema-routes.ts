import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import type { Portal } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'
import { parsePropertyPart } from './property-routes.ts'
import type { JsonObject } from './request-body.ts'
import { decodeSegment, isObject, jsonObject, missingFields, optionalText, textList } from './request-body.ts'
import { notFound, RequestRefused } from './request-refused.ts'

/** Custom objects. `rest`: what follows /schemas, empty for the collection. Undefined: no such route. */
export function handleSchemas(portal: Portal, request: CrmRequest, rest: string): CrmResponse | undefined {
  const { method } = request
  if (rest === '' && method === 'GET') {
    const archived = request.query.get('archived') === 'true'
    const results = archived ? [] : customObjects(portal).map((object) => shown(portal, object))
    return { status: 200, body: { results } }
  }
  if (rest === '' && method === 'POST') return { status: 201, body: createSchema(portal, jsonObject(request)) }
  if (rest === '' || rest.includes('/') || method !== 'GET') return undefined
  const object = portal.schema.find(decodeSegment(rest))
  if (object === undefined) throw notFound(`Unable to infer object type from: ${rest}`)
  return { status: 200, body: shown(portal, object) }
}

function customObjects(portal: Portal): ObjectSchema[] {
  return [...portal.schema.all()].filter((object) => object.typeId.startsWith('2-'))
}

function createSchema(portal: Portal, body: JsonObject): unknown {
  const name = optionalText(body, 'name')
  if (name === undefined || !Array.isArray(body.properties)) throw missingFields('name', 'properties')
  if (portal.schema.find(name) !== undefined) {
    const message = `An object type named '${name}' already exists.`
    throw new RequestRefused({ status: 409, message, category: 'OBJECT_ALREADY_EXISTS' })
  }
  const parts = body.properties.map((part: unknown) => parsePropertyPart(part))
  const object = portal.schema.addCustom(name)
  const labels = isObject(body.labels) ? body.labels : {}
  object.singular = (optionalText(labels, 'singular') ?? name).toLowerCase()
  object.required = { all: textList(body, 'requiredProperties'), oneOf: [] }
  for (const part of parts) portal.schema.merge(object, part)
  portal.declareIndexes()
  return shown(portal, object)
}

function shown(portal: Portal, object: ObjectSchema): Record<string, unknown> {
  const at = new Date(portal.startedAtMs).toISOString()
  const properties = [...object.properties.values()].filter((property) => !property.archived)
  return {
    id: object.typeId.replace(/^\d+-/, ''),
    objectTypeId: object.typeId,
    name: object.name,
    fullyQualifiedName: object.typeId.startsWith('2-') ? `p${portal.portalId}_${object.name}` : object.messageName,
    labels: { singular: object.singular, plural: object.name },
    requiredProperties: object.required.all,
    searchableProperties: [],
    secondaryDisplayProperties: [],
    primaryDisplayProperty: object.required.all[0] ?? 'hs_object_id',
    properties,
    associations: associations(portal, object),
    createdAt: at,
    updatedAt: at,
    archived: false,
  }
}

function associations(portal: Portal, object: ObjectSchema): Record<string, string>[] {
  return [...portal.schema.all()].flatMap((other) =>
    portal.associations.types.between(object, other).map(({ typeId, label }) => ({
      id: String(typeId),
      fromObjectTypeId: object.typeId,
      toObjectTypeId: other.typeId,
      name: label ?? `${object.singular}_to_${other.singular}`,
    })),
  )
}
