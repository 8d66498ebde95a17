import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import type { StoredRecord } from '../core/record-store.ts'
import type { BatchCall } from './batch-write.ts'
import { storedValue } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'
import { renderRead } from './render-record.ts'
import type { JsonObject } from './request-body.ts'
import { isObject, jsonObject, optionalText, textList } from './request-body.ts'
import { validationError } from './request-refused.ts'
import type { Filter } from './search-filter.ts'
import { compare, type compareText, matches, parseFilter, tokens } from './search-filter.ts'
import { indexedView } from './search-index.ts'

const MAX_BODY = 3_000
const MAX_RESULTS = 10_000
const MAX_LIMIT = 200

interface Sort {
  property: string
  descending: boolean
}

/** `filterGroups` are alternatives, the filters of one group all have to match. Archived records are never found. */
export function searchRecords(call: BatchCall, request: CrmRequest): CrmResponse {
  const { portal, object } = call
  if (request.body.toString('utf8').length > MAX_BODY) {
    throw validationError(`The request body is longer than ${MAX_BODY} characters`)
  }
  const body = jsonObject(request)
  const page = pageOf(body)
  const groups = filterGroups(object, body)
  const words = tokens(optionalText(body, 'query')?.toLowerCase() ?? '')
  const asIndexed = indexedView(portal, object)
  const found = [...candidates(call, groups)].flatMap((live) => {
    const record = asIndexed(live)
    return record !== undefined && matchesAny(object, record, groups) && hasWords(object, record, words) ? [record] : []
  })
  sortRecords(object, found, sortOf(object, body))
  const shown = { properties: textList(body, 'properties'), propertiesWithHistory: [] }
  const results = found.slice(page.after, page.after + page.limit).map((record) => {
    return renderRead(portal, { object, record, shown })
  })
  const next = page.after + page.limit
  const answer = { total: found.length, results }
  if (next >= found.length) return { status: 200, body: answer }
  return { status: 200, body: { ...answer, paging: { next: { after: String(next) } } } }
}

function pageOf(body: JsonObject): { limit: number; after: number } {
  const limit = Number(body.limit ?? 10)
  const after = Number(body.after || 0)
  if (!Number.isInteger(limit) || limit < 0 || limit > MAX_LIMIT) {
    throw validationError(`limit must be between 0 and ${MAX_LIMIT}`)
  }
  if (!Number.isInteger(after) || after < 0) throw validationError('after must be a number')
  if (after + limit > MAX_RESULTS) throw validationError(`Paging past ${MAX_RESULTS} results is not supported`)
  return { limit, after }
}

/** At most 5 groups, 6 filters each, 18 in all. */
function filterGroups(object: ObjectSchema, { filterGroups: groups, filters }: JsonObject): Filter[][] {
  const list = groups ?? (filters === undefined ? [] : [{ filters }])
  if (!Array.isArray(list)) throw validationError('filterGroups is not a list')
  if (list.length > 5) throw validationError('At most 5 filter groups are supported')
  const parsed = list.map((group: unknown) => {
    if (!isObject(group) || !Array.isArray(group.filters)) throw validationError('a filter group has no filters')
    if (group.filters.length > 6) throw validationError('At most 6 filters per group are supported')
    return group.filters.map((filter: unknown) => parseFilter(object, filter))
  })
  if (parsed.flat().length > 18) throw validationError('At most 18 filters are supported')
  return parsed
}

/** By index where every group asks for exact values of an indexed property, otherwise all records. */
function candidates(call: BatchCall, groups: readonly Filter[][]): Iterable<StoredRecord> {
  const { portal, object } = call
  // With a lag a record is found by the values it had; the store's own indexes know the present ones only.
  if (portal.policies.search.index_lag_ms > 0) return portal.store.all(object.name)
  const found = new Map<string, StoredRecord>()
  for (const group of groups) {
    const keyed = group.find((filter) => isKeyed(call, filter))
    if (keyed === undefined) return portal.store.all(object.name)
    for (const record of lookUp(call, keyed)) found.set(record.id, record)
  }
  return groups.length === 0 ? portal.store.all(object.name) : found.values()
}

function isKeyed({ portal, object }: BatchCall, { operator, definition }: Filter): boolean {
  if (operator !== 'EQ' && operator !== 'IN') return false
  if (definition.name === 'hs_object_id') return true
  return definition.type === 'string' && portal.store.indexed(object.name, definition.name)
}

function lookUp({ portal, object }: BatchCall, { definition, operator, value, values }: Filter): StoredRecord[] {
  return (operator === 'EQ' ? [value] : values).flatMap((wanted) => {
    if (definition.name !== 'hs_object_id') return portal.store.find(object.name, definition.name, wanted)
    const record = portal.store.get(object.name, wanted)
    return record === undefined ? [] : [record]
  })
}

function matchesAny(object: ObjectSchema, record: StoredRecord, groups: readonly Filter[][]): boolean {
  return groups.length === 0 || groups.some((group) => group.every((filter) => matches(object, record, filter)))
}

function hasWords(object: ObjectSchema, record: StoredRecord, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const held = object.shown.flatMap((name) => tokens(storedValue(object, record, name)?.toLowerCase() ?? ''))
  return words.every((word) => held.some((token) => token.startsWith(word)))
}

/** Only the first sort counts; both spellings of the clients are taken. Without one: by age. */
function sortOf(object: ObjectSchema, { sorts }: JsonObject): Sort | undefined {
  const [first] = Array.isArray(sorts) ? sorts : []
  if (first === undefined) return undefined
  const sort = parseSort(first)
  if (object.properties.has(sort.property)) return sort
  throw validationError(`There was a problem with the request: property ${sort.property} does not exist`)
}

function parseSort(sort: unknown): Sort {
  if (isObject(sort)) {
    return { property: optionalText(sort, 'propertyName') ?? '', descending: sort.direction === 'DESCENDING' }
  }
  const text = String(sort)
  return text.startsWith('-') ? { property: text.slice(1), descending: true } : { property: text, descending: false }
}

function sortRecords(object: ObjectSchema, records: StoredRecord[], sort: Sort | undefined): void {
  const definition = sort === undefined ? undefined : object.properties.get(sort.property)
  records.sort((a, b) => {
    if (sort === undefined || definition === undefined) return Number(a.id) - Number(b.id)
    const order = compareHeld(
      [storedValue(object, a, sort.property), storedValue(object, b, sort.property)],
      (left, right) => compare(left, right, definition),
    )
    return (sort.descending ? -order : order) || Number(a.id) - Number(b.id)
  })
}

function compareHeld([a, b]: [string | undefined, string | undefined], both: typeof compareText): number {
  if (!a || !b) return (a ? 1 : 0) - (b ? 1 : 0)
  return both(a, b)
}
