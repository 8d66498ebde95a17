import type { StoredRecord } from '../core/record-store.ts'
import { badRequest } from './api-error.ts'
import type { Field } from './field.ts'
import type { ObjectSchema } from './object-schema.ts'
import { isLookupKey, type Org } from './org.ts'
import { attributes, shownValue } from './record-json.ts'
import { type BoundPath, boundObject, boundPath, recordOver, requireUsable, valueAt } from './soql-binding.ts'
import { type Comparable, comparables, compileCondition, foldedValue } from './soql-filter.ts'
import { atPlace } from './soql-lexer.ts'
import type { SoqlCondition, SoqlQuery } from './soql-parser.ts'

const MAX_OFFSET = 2000
const MAX_FIELDS_ALL = 200
const INDEX_FROM_RECORDS = 1_000

export interface BoundQuery {
  query: SoqlQuery
  object: ObjectSchema
  columns: readonly BoundPath[]
}

export function bindQuery(org: Org, query: SoqlQuery): BoundQuery {
  const object = boundObject(org, query)
  const columns = query.select.flatMap((item) =>
    item.kind === 'path' ? [boundPath(org, query, item.path)] : allFields(query, object, item),
  )
  const seen = new Set<string>()
  for (const column of columns) {
    if (seen.has(column.name)) throw badRequest('INVALID_FIELD', `duplicate field selected: ${column.name}`)
    seen.add(column.name)
  }
  return { query, object, columns }
}

/** Records that answer the query, in order, with OFFSET and LIMIT applied. Throws ApiError for what the platform refuses. */
export function findRecords(org: Org, bound: BoundQuery, { withDeleted }: { withDeleted: boolean }): StoredRecord[] {
  const { query, object } = bound
  if (query.offset > MAX_OFFSET) {
    throw badRequest('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MAX_OFFSET}`)
  }
  const test = query.where === undefined ? () => true : compileCondition(org, query, query.where)
  const found: StoredRecord[] = []
  for (const record of candidates(org, bound)) if (test(record)) found.push(record)
  if (withDeleted) for (const record of org.store.allRemoved(object.name)) if (test(record)) found.push(record)
  sort(org, query, found)
  const end = query.limit === undefined ? undefined : query.offset + query.limit
  return query.offset === 0 && end === undefined ? found : found.slice(query.offset, end)
}

/** The record as a row of the answer: attributes first, then the selected fields under their canonical names. */
export function shownRow(org: Org, bound: BoundQuery, { record, version }: { record: StoredRecord; version: string }) {
  const row: Record<string, unknown> = { attributes: attributes(version, bound.object, record.id) }
  for (const column of bound.columns) {
    if (column.via.length === 0) row[column.field.name] = shownValue(record, column.field)
    else showParent(org, column, { row, record, version })
  }
  return row
}

interface Shown {
  row: Record<string, unknown>
  record: StoredRecord
  version: string
}

/** Parents are nested, one object for all columns that go the same way; a missing one is null. */
function showParent(org: Org, column: BoundPath, from: Shown): void {
  let { row, record } = from
  for (const hop of column.via) {
    const name = String(hop.reference.relationshipName)
    const parent = recordOver(org, record, hop)
    if (parent === undefined) {
      row[name] = null
      return
    }
    const object = org.objectOf(parent.id) ?? hop.parent
    const nested = row[name] ?? { attributes: attributes(from.version, object, parent.id) }
    row[name] = nested
    row = nested as Record<string, unknown>
    record = parent
  }
  row[column.field.name] = shownValue(record, column.field)
}

function allFields(query: SoqlQuery, object: ObjectSchema, item: { which: string; at: number }): BoundPath[] {
  const wanted = { ALL: () => true, CUSTOM: (custom: boolean) => custom, STANDARD: (custom: boolean) => !custom }[
    item.which
  ]
  if (wanted === undefined)
    throw badRequest('MALFORMED_QUERY', atPlace(query.text, item.at, `unexpected token: '${item.which}'`))
  if (item.which !== 'STANDARD' && (query.limit ?? Number.POSITIVE_INFINITY) > MAX_FIELDS_ALL) {
    const message = `The SOQL FIELDS function must have a LIMIT of at most ${MAX_FIELDS_ALL}`
    throw badRequest('MALFORMED_QUERY', atPlace(query.text, item.at, message))
  }
  const fields = object.fields.filter((field) => wanted(field.custom) || field.type === 'id')
  return fields.map((field) => ({ field, via: [], name: field.name }))
}

/** Live records that can match: by id or index where the query pins one down, else all. */
function candidates(org: Org, { query, object }: BoundQuery): Iterable<StoredRecord> {
  for (const condition of pinning(query.where)) {
    const path = boundPath(org, query, condition.path)
    const { field } = path
    if (path.via.length > 0 || !worthAnIndex(org, object, field)) continue
    const wanted = comparables(org, query, condition)
    if (wanted.includes(null)) continue
    if (field.type === 'id') return unique(wanted, (id) => org.store.get(object.name, String(id)) ?? [])
    org.store.index(object.name, field.name, !field.caseSensitive)
    return unique(wanted, (value) => org.store.find(object.name, field.name, value))
  }
  return org.store.all(object.name)
}

// Looking up keys of a big object by an ordinary field, a page of keys at a time, must not scan it for every page.
function worthAnIndex(org: Org, object: ObjectSchema, field: Field): boolean {
  if (field.type === 'id' || isLookupKey(field)) return true
  // What is stored is not what is compared: no value stands for false, and a text for a moment.
  if (field.type === 'boolean' || field.type === 'datetime') return false
  return org.store.count(object.name) >= INDEX_FROM_RECORDS
}

type Compare = Extract<SoqlCondition, { kind: 'compare' }>

// Only conditions that every match must meet: a disjunct or a negation pins nothing.
function pinning(where: SoqlCondition | undefined): Compare[] {
  if (where === undefined) return []
  if (where.kind === 'and') return where.conditions.flatMap(pinning)
  return where.kind === 'compare' && (where.operator === '=' || where.operator === 'IN') ? [where] : []
}

function unique(
  wanted: readonly Comparable[],
  find: (value: Comparable) => StoredRecord | readonly StoredRecord[],
): Iterable<StoredRecord> {
  const found = new Map<string, StoredRecord>()
  for (const value of wanted) {
    for (const record of [find(value)].flat()) found.set(record.id, record)
  }
  return found.values()
}

function sort(org: Org, query: SoqlQuery, records: StoredRecord[]): void {
  const orders = query.orderBy.map((order) => {
    const path = boundPath(org, query, order.path)
    requireUsable({ query, path: order.path }, path, 'sortable')
    return { ...order, read: (record: StoredRecord) => foldedValue(path.field, valueAt(org, record, path)) }
  })
  if (orders.length === 0) return
  records.sort((left, right) => {
    for (const { read, descending, nullsLast } of orders) {
      const [a, b] = [read(left), read(right)]
      if (a === b) continue
      if (a === null || b === null) return (a === null) === nullsLast ? 1 : -1
      return (a < b ? -1 : 1) * (descending ? -1 : 1)
    }
    return 0
  })
}
