import type { StoredRecord } from '../core/record-store.ts'
import { storedValue } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'
import type { PropertyDefinition } from './property-definition.ts'
import { isObject, missingFields, optionalText, textList } from './request-body.ts'
import { validationError } from './request-refused.ts'

export interface Filter {
  definition: PropertyDefinition
  operator: string
  /** As sent; `values` for IN and NOT_IN. */
  value: string
  highValue: string
  values: readonly string[]
}

type Test = (held: string, filter: Filter) => boolean

// A record without a value of the property matches NOT_HAS_PROPERTY only.
const TESTS: Readonly<Record<string, Test>> = {
  HAS_PROPERTY: () => true,
  NOT_HAS_PROPERTY: () => false,
  EQ: (held, filter) => compare(held, filter.value, filter.definition) === 0,
  NEQ: (held, filter) => compare(held, filter.value, filter.definition) !== 0,
  GT: (held, filter) => compare(held, filter.value, filter.definition) > 0,
  GTE: (held, filter) => compare(held, filter.value, filter.definition) >= 0,
  LT: (held, filter) => compare(held, filter.value, filter.definition) < 0,
  LTE: (held, filter) => compare(held, filter.value, filter.definition) <= 0,
  BETWEEN: (held, filter) =>
    compare(held, filter.value, filter.definition) >= 0 && compare(held, filter.highValue, filter.definition) <= 0,
  IN: (held, filter) => isListed(held, filter),
  NOT_IN: (held, filter) => !isListed(held, filter),
  CONTAINS_TOKEN: (held, filter) => containsToken(held, filter.value),
  NOT_CONTAINS_TOKEN: (held, filter) => !containsToken(held, filter.value),
}

export function parseFilter(object: ObjectSchema, filter: unknown): Filter {
  if (!isObject(filter)) throw missingFields('propertyName', 'operator')
  const propertyName = optionalText(filter, 'propertyName')
  const operator = optionalText(filter, 'operator')
  if (propertyName === undefined) throw missingFields('propertyName')
  if (operator === undefined || TESTS[operator] === undefined) throw validationError(`Invalid operator: ${operator}`)
  const definition = object.properties.get(propertyName)
  if (definition === undefined) {
    throw validationError(`There was a problem with the request: property ${propertyName} does not exist`)
  }
  const values = textList(filter, 'values')
  const value = optionalText(filter, 'value')
  const highValue = optionalText(filter, 'highValue')
  if (operator === 'IN' || operator === 'NOT_IN') {
    if (values.length === 0) throw validationError(`operator ${operator} requires values`)
  } else if (!operator.endsWith('HAS_PROPERTY') && value === undefined) {
    throw validationError(`operator ${operator} requires a value`)
  }
  if (operator === 'BETWEEN' && highValue === undefined) throw validationError('operator BETWEEN requires highValue')
  return { definition, operator, values, value: value ?? '', highValue: highValue ?? '' }
}

export function matches(object: ObjectSchema, record: StoredRecord, filter: Filter): boolean {
  const held = storedValue(object, record, filter.definition.name)
  if (held === undefined || held === '') return filter.operator === 'NOT_HAS_PROPERTY'
  return TESTS[filter.operator]?.(held, filter) ?? false
}

/** Numbers as numbers, dates as instants (epoch or ISO), text without case. */
export function compare(left: string, right: string, { type }: PropertyDefinition): number {
  if (type === 'number') return Number(left) - Number(right)
  if (type === 'date' || type === 'datetime') return instant(left) - instant(right)
  return compareText(left.toLowerCase(), right.toLowerCase())
}

export function compareText(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

function instant(value: string): number {
  return /^-?\d+$/.test(value) ? Number(value) : Date.parse(value)
}

/** The index holds text in lower case and IN does not fold what it is given: a capital letter in the list never matches. */
function isListed(held: string, { definition, values }: Filter): boolean {
  const isText = definition.type === 'string' || definition.type === 'phone_number'
  return values.includes(isText ? held.toLowerCase() : held)
}

function containsToken(held: string, wanted: string): boolean {
  const text = held.toLowerCase()
  const pattern = wanted.toLowerCase()
  if (!pattern.includes('*')) {
    const held = new Set(tokens(text))
    return tokens(pattern).every((token) => held.has(token))
  }
  const expression = pattern.split('*').map(escapePattern).join('.*')
  const wildcard = new RegExp(`^${expression}$`)
  return wildcard.test(text) || tokens(text).some((token) => wildcard.test(token))
}

export function tokens(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter((token) => token !== '')
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
