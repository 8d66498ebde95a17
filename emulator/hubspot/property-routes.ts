import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import type { BatchCall } from './batch-write.ts'
import type { PropertyDefinition, PropertyPart } from './property-definition.ts'
import { PROPERTY_TYPES } from './property-definition.ts'
import type { JsonObject } from './request-body.ts'
import { decodeSegment, inputList, isObject, jsonObject, missingFields } from './request-body.ts'
import { notFound, RequestRefused, validationError } from './request-refused.ts'

const MAX_UNIQUE = 10

/** `rest`: what follows the object type in the path, empty for the collection. Undefined: no such route. */
export function handleProperties(call: BatchCall, request: CrmRequest, rest: string): CrmResponse | undefined {
  const { method } = request
  if (rest === '') {
    if (method === 'GET') return listProperties(call, request)
    if (method === 'POST') return { status: 201, body: createProperty(call, jsonObject(request)) }
    return undefined
  }
  if (rest === 'batch/read' && method === 'POST') return readProperties(call, jsonObject(request))
  if (rest === 'batch/create' && method === 'POST') return createProperties(call, jsonObject(request))
  if (rest === 'batch/archive' && method === 'POST') {
    for (const input of inputList(jsonObject(request), 100)) archiveProperty(call, String(input.name))
    return { status: 204 }
  }
  if (rest.includes('/')) return undefined
  const name = decodeSegment(rest)
  if (method === 'GET') return { status: 200, body: findProperty(call, name, request) }
  if (method === 'PATCH') return updateProperty(call, request, name)
  if (method === 'DELETE') return archiveProperty(call, name)
  return undefined
}

/** Not paged. */
function listProperties({ object }: BatchCall, { query }: CrmRequest): CrmResponse {
  const archived = query.get('archived') === 'true'
  const sensitivity = query.get('dataSensitivity') ?? 'non_sensitive'
  const listed = [...object.properties.values()].filter((definition) => {
    return definition.archived === archived && definition.dataSensitivity === sensitivity
  })
  return { status: 200, body: { results: listed } }
}

function findProperty({ object }: BatchCall, name: string, { query }: CrmRequest): PropertyDefinition {
  const definition = object.properties.get(name)
  const archived = query.get('archived') === 'true'
  if (definition === undefined || definition.archived !== archived) throw propertyMissing(name)
  return definition
}

function propertyMissing(name: string): RequestRefused {
  return notFound(`The property named "${name}" does not exist`)
}

/** An archived name comes back to life with the new definition. */
function createProperty({ portal, object }: BatchCall, body: JsonObject): unknown {
  const missing = ['name', 'label', 'type', 'fieldType', 'groupName'].filter((name) => typeof body[name] !== 'string')
  if (missing.length > 0) throw missingFields(...missing)
  const part = { ...parsePropertyPart(body), archived: false }
  if (!/^[a-z][a-z0-9_]*$/.test(part.name)) throw validationError(`"${part.name}" is not a valid property name`)
  if (object.properties.get(part.name)?.archived === false) {
    throw new RequestRefused({
      status: 409,
      message: `A property named '${part.name}' already exists.`,
      category: 'OBJECT_ALREADY_EXISTS',
      subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS',
    })
  }
  if (part.hasUniqueValue === true && object.unique.length >= MAX_UNIQUE) {
    throw validationError(`At most ${MAX_UNIQUE} unique properties are allowed per object type`)
  }
  const definition = portal.schema.merge(object, part)
  portal.declareIndexes()
  return definition
}

function createProperties(call: BatchCall, body: JsonObject): CrmResponse {
  const results = inputList(body, 100).map((input) => createProperty(call, input))
  return propertyBatch(call, results, 201)
}

function readProperties(call: BatchCall, body: JsonObject): CrmResponse {
  const results = inputList(body, 100).flatMap((input) => {
    const definition = call.object.properties.get(String(input.name))
    return definition === undefined || definition.archived ? [] : [definition]
  })
  return propertyBatch(call, results, 200)
}

function propertyBatch({ portal }: BatchCall, results: unknown[], status: number): CrmResponse {
  const at = new Date(portal.context.clock.nowMs()).toISOString()
  return { status, body: { status: 'COMPLETE', results, startedAt: at, completedAt: at } }
}

/** `options` replaces the list; a property never becomes unique afterwards. */
function updateProperty({ portal, object }: BatchCall, request: CrmRequest, name: string): CrmResponse {
  const definition = object.properties.get(name)
  if (definition === undefined || definition.archived) throw propertyMissing(name)
  const part = parsePropertyPart({ ...jsonObject(request), name })
  const { hasUniqueValue } = definition
  return { status: 200, body: portal.schema.merge(object, { ...part, hasUniqueValue }) }
}

function archiveProperty({ portal, object }: BatchCall, name: string): CrmResponse {
  const definition = object.properties.get(name)
  if (definition?.modificationMetadata.archivable === false) {
    throw validationError(`The property named "${name}" cannot be archived`)
  }
  if (definition !== undefined) {
    portal.schema.merge(object, {
      name,
      archived: true,
      archivedAt: new Date(portal.context.clock.nowMs()).toISOString(),
    })
  }
  return { status: 204 }
}

const TEXT_MEMBERS = ['label', 'type', 'fieldType', 'description', 'groupName', 'referencedObjectType'] as const
const FLAG_MEMBERS = ['calculated', 'externalOptions', 'hasUniqueValue', 'hidden', 'formField', 'archived'] as const

/** The members of a definition that may be given from outside; others are ignored, wrong types refused. */
export function parsePropertyPart(body: unknown): PropertyPart {
  if (!isObject(body) || typeof body.name !== 'string' || body.name === '') throw missingFields('name')
  const part: PropertyPart = { name: body.name }
  for (const name of TEXT_MEMBERS) {
    const value = body[name]
    if (typeof value === 'string') part[name] = value
  }
  for (const name of FLAG_MEMBERS) {
    const value = body[name]
    if (typeof value === 'boolean') part[name] = value
  }
  if (part.type !== undefined && !PROPERTY_TYPES.includes(part.type)) {
    throw validationError(`${part.type} is not a valid property type`)
  }
  if (typeof body.displayOrder === 'number') part.displayOrder = body.displayOrder
  if (typeof body.dataSensitivity === 'string') part.dataSensitivity = body.dataSensitivity
  if (body.options !== undefined) part.options = parseOptions(body.options)
  if (isObject(body.modificationMetadata)) part.modificationMetadata = parseModification(body.modificationMetadata)
  return part
}

function parseOptions(options: unknown): NonNullable<PropertyPart['options']> {
  if (!Array.isArray(options)) throw validationError('options is not a list')
  return options.map((option: unknown) => {
    if (typeof option === 'string') return { value: option, label: option }
    if (!isObject(option) || typeof option.value !== 'string') throw validationError('an option has no value')
    const label = typeof option.label === 'string' ? option.label : option.value
    return { value: option.value, label, hidden: option.hidden === true }
  })
}

function parseModification(body: JsonObject): PropertyDefinition['modificationMetadata'] {
  const { archivable, readOnlyDefinition, readOnlyValue } = body
  return {
    archivable: archivable !== false,
    readOnlyDefinition: readOnlyDefinition === true,
    readOnlyValue: readOnlyValue === true,
  }
}
