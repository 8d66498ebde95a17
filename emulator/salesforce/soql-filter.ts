import type { StoredRecord } from '../core/record-store.ts'
import { badRequest } from './api-error.ts'
import { parseDatetime } from './dates.ts'
import type { Field } from './field.ts'
import type { Org } from './org.ts'
import { canonicalId } from './record-id.ts'
import { type BoundPath, boundPath, requireUsable, valueAt } from './soql-binding.ts'
import { type DateRange, dateRange } from './soql-dates.ts'
import { atPlace } from './soql-lexer.ts'
import type { SoqlCondition, SoqlLiteral, SoqlOperator, SoqlQuery } from './soql-parser.ts'

export type RecordTest = (record: StoredRecord) => boolean

/** A literal in the form values are compared in: texts folded, datetimes in milliseconds. */
export type Comparable = string | number | boolean | null

type Compare = Extract<SoqlCondition, { kind: 'compare' }>

const NUMERIC = ['int', 'double', 'currency', 'percent']

export function compileCondition(org: Org, query: SoqlQuery, condition: SoqlCondition): RecordTest {
  switch (condition.kind) {
    case 'and': {
      const tests = condition.conditions.map((one) => compileCondition(org, query, one))
      return (record) => tests.every((test) => test(record))
    }
    case 'or': {
      const tests = condition.conditions.map((one) => compileCondition(org, query, one))
      return (record) => tests.some((test) => test(record))
    }
    case 'not': {
      const test = compileCondition(org, query, condition.condition)
      return (record) => !test(record)
    }
    case 'compare':
      return compileComparison(org, query, condition)
  }
}

/** What stands on the right of a comparison, checked against the field's type. */
export function comparables(org: Org, query: SoqlQuery, condition: Compare): Comparable[] {
  const { field } = boundPath(org, query, condition.path)
  return condition.literals.map((literal) => comparable(field, literal, { org, query, at: condition.at }))
}

/** Values in the same form as `comparables`. */
export function foldedValue(field: Field, value: unknown): Comparable {
  if (value === null || value === undefined) return null
  if (field.type === 'datetime') return parseDatetime(String(value)) ?? null
  if (typeof value === 'number' || typeof value === 'boolean') return value
  return field.type === 'id' || field.type === 'reference' || field.caseSensitive
    ? String(value)
    : String(value).toLowerCase()
}

function compileComparison(org: Org, query: SoqlQuery, condition: Compare): RecordTest {
  const path = boundPath(org, query, condition.path)
  requireUsable({ query, path: condition.path }, path, 'filterable')
  const read = (record: StoredRecord): Comparable => foldedValue(path.field, valueAt(org, record, path))
  const range = rangeOf(org, path.field, condition)
  if (range !== undefined) return rangeTest(condition.operator, range, read)
  const wanted = comparables(org, query, condition)
  const [first = null] = wanted
  switch (condition.operator) {
    case 'IN':
    case 'NOT IN': {
      const set = new Set(wanted)
      const inside = condition.operator === 'IN'
      return (record) => set.has(read(record)) === inside
    }
    case 'LIKE':
      return likeTest(query, condition, { path, read })
    case 'INCLUDES':
    case 'EXCLUDES': {
      const included = condition.operator === 'INCLUDES'
      return (record) => includesAny(read(record), wanted) === included
    }
    default:
      return ordered(condition.operator, first, read)
  }
}

function rangeOf(org: Org, field: Field, { literals: [literal] }: Compare): DateRange | undefined {
  if (literal?.kind !== 'relative' || (field.type !== 'date' && field.type !== 'datetime')) return undefined
  return dateRange(literal, { nowMs: org.context.clock.nowMs(), type: field.type })
}

function rangeTest(operator: SoqlOperator, range: DateRange, read: (record: StoredRecord) => Comparable): RecordTest {
  const inside = (value: Comparable): boolean => value !== null && value >= range.from && value < range.until
  if (operator === '=' || operator === 'IN') return (record) => inside(read(record))
  if (operator === '!=' || operator === 'NOT IN') return (record) => !inside(read(record))
  return (record) => {
    const value = read(record)
    if (value === null) return false
    if (operator === '<') return value < range.from
    if (operator === '>=') return value >= range.from
    return operator === '>' ? value >= range.until : value < range.until
  }
}

function ordered(operator: SoqlOperator, wanted: Comparable, read: (record: StoredRecord) => Comparable): RecordTest {
  if (operator === '=') return (record) => read(record) === wanted
  if (operator === '!=') return (record) => read(record) !== wanted
  return (record) => {
    const value = read(record)
    if (value === null || wanted === null) return false
    if (operator === '<') return value < wanted
    if (operator === '>') return value > wanted
    return operator === '<=' ? value <= wanted : value >= wanted
  }
}

function likeTest(
  query: SoqlQuery,
  condition: Compare,
  { path, read }: { path: BoundPath; read: (record: StoredRecord) => Comparable },
): RecordTest {
  const [literal] = condition.literals
  if (literal?.kind !== 'string' || NUMERIC.includes(path.field.type) || path.field.type === 'boolean') {
    throw badRequest(
      'INVALID_QUERY_FILTER_OPERATOR',
      atPlace(query.text, condition.at, 'invalid operator on the field: LIKE'),
    )
  }
  const pattern = new RegExp(`^${literal.like}$`, path.field.caseSensitive ? 'u' : 'iu')
  return (record) => {
    const value = read(record)
    return typeof value === 'string' && pattern.test(value)
  }
}

/** `'a;b'` among the wanted means: both. */
function includesAny(value: Comparable, wanted: readonly Comparable[]): boolean {
  const held = new Set(String(value ?? '').split(';'))
  return wanted.some((one) =>
    String(one ?? '')
      .split(';')
      .every((part) => held.has(part)),
  )
}

interface Place {
  org: Org
  query: SoqlQuery
  at: number
}

function comparable(field: Field, literal: SoqlLiteral, place: Place): Comparable {
  if (literal.kind === 'null' || (literal.kind === 'string' && literal.value === '')) return null
  if (NUMERIC.includes(field.type)) {
    if (literal.kind === 'number') return literal.value
  } else if (field.type === 'boolean') {
    if (literal.kind === 'boolean') return literal.value
  } else if (field.type === 'date' || field.type === 'datetime') {
    const value = dateComparable(field, literal)
    if (value !== undefined) return value
  } else if (literal.kind === 'string') {
    return field.type === 'id' || field.type === 'reference'
      ? idComparable(literal.value, place)
      : foldedValue(field, literal.value)
  }
  throw wrongLiteral(field, literal, place)
}

function dateComparable(field: Field, literal: SoqlLiteral): Comparable | undefined {
  if (literal.kind === 'date' && field.type === 'date') return literal.value
  if (literal.kind === 'datetime' && field.type === 'datetime') return parseDatetime(literal.value)
  return undefined
}

function idComparable(text: string, { query, at }: Place): string {
  const id = canonicalId(text)
  if (id !== undefined) return id
  throw badRequest('INVALID_QUERY_FILTER_OPERATOR', atPlace(query.text, at, `invalid ID field: ${text}`))
}

function wrongLiteral(field: Field, literal: SoqlLiteral, { query, at }: Place): Error {
  const quoted = literal.kind === 'string'
  const message = quoted
    ? `value of filter criterion for field '${field.name}' must be of type ${field.type} and should not be enclosed in quotes`
    : `value of filter criterion for field '${field.name}' must be of type ${field.type} and should be enclosed in quotes`
  return badRequest('INVALID_FIELD', atPlace(query.text, at, message))
}
