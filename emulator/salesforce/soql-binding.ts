import type { StoredRecord } from '../core/record-store.ts'
import { ApiError, badRequest, rowError } from './api-error.ts'
import type { Field } from './field.ts'
import type { ObjectSchema } from './object-schema.ts'
import type { Org } from './org.ts'
import { shownValue } from './record-json.ts'
import { atPlace } from './soql-lexer.ts'
import type { SoqlPath, SoqlQuery } from './soql-parser.ts'

const MAX_HOPS = 5

/** One relationship of a path: the reference field and the object behind it. */
export interface Hop {
  reference: Field
  parent: ObjectSchema
}

/** A path of a query tied to the schema: a field of the object, or of an object up to five relationships above it. */
export interface BoundPath {
  field: Field
  /** Nearest parent first; empty for a field of the object itself. */
  via: readonly Hop[]
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
  const hops: Hop[] = []
  let last = object
  for (const name of parts.slice(0, -1)) {
    const reference = last.byRelationship.get(name.toLowerCase())
    const parent = objectFor(org, query, reference?.referenceTo[0] ?? '')
    if (reference === undefined || parent === undefined || hops.length === MAX_HOPS) {
      const message = `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`
      throw badRequest('INVALID_FIELD', atPlace(query.text, path.at, message))
    }
    hops.push({ reference, parent })
    last = parent
  }
  const name = parts.at(-1) ?? ''
  const field = last.byName.get(name.toLowerCase())
  if (field === undefined) throw noSuchColumn(query, path, { name, entity: last.name })
  const names = [...hops.map((hop) => String(hop.reference.relationshipName)), field.name]
  return { field, via: hops, name: names.join('.') }
}

function objectFor(org: Org, query: SoqlQuery, name: string): ObjectSchema | undefined {
  return query.unrestricted === true ? org.schema.whole(name) : org.schema.find(name)
}

/** The record a relationship leads to; undefined when there is none. */
export function recordOver(org: Org, record: StoredRecord, { reference, parent }: Hop): StoredRecord | undefined {
  const id = record.fields[reference.name]
  if (typeof id !== 'string') return undefined
  // A polymorphic reference is bound to its first target; the record says by its id what it is.
  const target = reference.referenceTo.length > 1 ? org.objectOf(id) : parent
  return target === undefined ? undefined : org.store.get(target.name, id)
}

/** The record whose field the path names: the record itself, or one above it. */
export function recordBehind(org: Org, record: StoredRecord, path: BoundPath): StoredRecord | undefined {
  let source: StoredRecord | undefined = record
  for (const hop of path.via) source = source === undefined ? undefined : recordOver(org, source, hop)
  return source
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
