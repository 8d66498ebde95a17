import type { StoredRecord } from '../core/record-store.ts'
import { ApiError, badRequest, rowError } from './api-error.ts'
import type { Field } from './field.ts'
import type { ObjectSchema } from './object-schema.ts'
import type { Org } from './org.ts'
import { shownValue } from './record-json.ts'
import { atPlace } from './soql-lexer.ts'
import type { SoqlPath, SoqlQuery } from './soql-parser.ts'

/** A path of a query tied to the schema: a field of the object, or of its parent over one relationship. */
export interface BoundPath {
  field: Field
  /** The reference field and the parent object; undefined for a field of the object itself. */
  via: { reference: Field; parent: ObjectSchema } | undefined
  /** Canonical spelling: `Account.Name`. */
  name: string
}

export function boundObject(org: Org, query: SoqlQuery): ObjectSchema {
  const object = objectFor(org, query, query.from.name)
  if (object?.queryable === true) return object
  const message =
    `sObject type '${query.from.name}' is not supported. If you are attempting to use a custom object, be sure to ` +
    "append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
  throw badRequest('INVALID_TYPE', atPlace(query.text, query.from.at, message))
}

export function boundPath(org: Org, query: SoqlQuery, path: SoqlPath): BoundPath {
  const object = boundObject(org, query)
  const parts = withoutAlias(query, object, path.parts)
  const [first = '', second] = parts
  if (second === undefined) {
    const field = object.byName.get(first.toLowerCase())
    if (field === undefined) throw noSuchColumn(query, path, { name: first, entity: object.name })
    return { field, via: undefined, name: field.name }
  }
  const reference = object.byRelationship.get(first.toLowerCase())
  const parent = objectFor(org, query, reference?.referenceTo[0] ?? '')
  if (reference === undefined || parent === undefined || parts.length > 2) {
    const message = `Didn't understand relationship '${first}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`
    throw badRequest('INVALID_FIELD', atPlace(query.text, path.at, message))
  }
  const field = parent.byName.get(second.toLowerCase())
  if (field === undefined) throw noSuchColumn(query, path, { name: second, entity: parent.name })
  return { field, via: { reference, parent }, name: `${reference.relationshipName}.${field.name}` }
}

function objectFor(org: Org, query: SoqlQuery, name: string): ObjectSchema | undefined {
  return query.unrestricted === true ? org.schema.whole(name) : org.schema.find(name)
}

/** The record the path's field is read from; undefined when the parent is missing. */
export function recordBehind(org: Org, record: StoredRecord, path: BoundPath): StoredRecord | undefined {
  if (path.via === undefined) return record
  const id = record.fields[path.via.reference.name]
  return typeof id === 'string' ? org.store.get(path.via.parent.name, id) : undefined
}

export function valueAt(org: Org, record: StoredRecord, path: BoundPath): unknown {
  const source = recordBehind(org, record, path)
  return source === undefined ? null : shownValue(source, path.field)
}

/** Throws where describe says that the field cannot be filtered or sorted on. */
export function requireUsable(
  { query, path }: { query: SoqlQuery; path: SoqlPath },
  bound: BoundPath,
  use: 'filterable' | 'sortable',
): void {
  if (bound.field[use]) return
  const what = use === 'filterable' ? 'can not be filtered in a query call' : 'can not be sorted in a query call'
  throw badRequest('INVALID_FIELD', atPlace(query.text, path.at, `field '${bound.field.name}' ${what}`))
}

function withoutAlias(query: SoqlQuery, object: ObjectSchema, parts: readonly string[]): readonly string[] {
  const [first = ''] = parts
  const own = [query.from.alias, object.name].some((name) => name?.toLowerCase() === first.toLowerCase())
  return own && parts.length > 1 && !object.byRelationship.has(first.toLowerCase()) ? parts.slice(1) : parts
}

function noSuchColumn(query: SoqlQuery, path: SoqlPath, column: { name: string; entity: string }): ApiError {
  const message =
    `No such column '${column.name}' on entity '${column.entity}'. If you are attempting to use a custom field, be sure to ` +
    "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
  return new ApiError(400, rowError('INVALID_FIELD', atPlace(query.text, path.at, message)))
}
