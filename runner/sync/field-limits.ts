/** What a CRM's own description of a field allows, as checks the warehouse makes on every row before anything is sent. */
import type { FieldDescription } from '../destination/destination.ts'
import type { ProblemCode } from '../errors.ts'
import { grantedRecordTypes } from './record-types.ts'

/** Each is a branch of rules.breaks_limit() in macros/rules.sql. */
export type LimitName =
  | 'too_long'
  | 'not_allowed'
  | 'part_not_allowed'
  | 'too_many'
  | 'out_of_range'
  | 'not_finite'
  | 'too_precise'
  | 'too_many_digits'
  | 'invalid_email'
  | 'malformed_id'
  | 'out_of_days'
  | 'own_record'
  | 'invalid_domain'
  | 'not_in_pipeline'
  | RuleLimitName

/** Rules of the CRM's administrators. */
type RuleLimitName =
  | 'too_short'
  | 'below_minimum'
  | 'above_maximum'
  | 'not_matching'
  | 'other_domain'
  | 'blocked_domain'

export interface FieldLimit {
  name: LimitName
  code: ProblemCode
  reason: string
  /** Characters, values or digits at most. */
  most?: number
  values?: readonly string[]
  /** Regular expression over a whole list of values. */
  pattern?: string
  bound?: string
  first?: string
  last?: string
  /** The column with the pipeline a stage must belong to. */
  pipeline?: { column: string; stages: readonly { pipeline: string; values: readonly string[] }[] }
}

interface Room {
  kind: string
  precision: number | null
  scale: number | null
}

/**
 * `type` is the one the values have in the warehouse: what it cannot hold is not checked. `isOwnKey`: the values are match
 * values of the sync itself.
 */
export function fieldLimits(
  field: FieldDescription | undefined,
  type: Room,
  { isOwnKey = false }: { isOwnKey?: boolean } = {},
): FieldLimit[] {
  if (!field) return []
  return [
    ...lengthLimit(field),
    ...valueLimit(field),
    ...listLimits(field),
    ...numberLimits(field, type),
    ...formatLimit(field),
    ...ruleLimits(field),
    ...idLimit(field),
    ...dayLimit(field),
    ...(isOwnKey ? [ownRecord] : []),
  ]
}

const ownRecord: FieldLimit = {
  name: 'own_record',
  code: 'E-DATA-REF',
  reason: 'the row points to its own record',
}

function lengthLimit(field: FieldDescription): FieldLimit[] {
  const isText = field.kind === 'string' || field.kind === 'enumeration' || field.kind === 'multi_enumeration'
  if (!isText || field.allowedValues || !field.length) return []
  const reason = `longer than the ${field.length} characters the CRM field takes`
  return [{ name: 'too_long', code: 'E-DATA-LENGTH', reason, most: field.length }]
}

function valueLimit(field: FieldDescription): FieldLimit[] {
  if (field.recordTypes) {
    const values = grantedRecordTypes(field).map(({ id }) => id)
    const reason = 'no id or developer name of a record type this user may give'
    return [{ name: 'not_allowed', code: 'E-DATA-PICKLIST', reason, values }]
  }
  if (field.kind !== 'enumeration' || !field.allowedValues) return []
  const reason = notAmong(field.allowedValues.length, field.valuesAre)
  return [{ name: 'not_allowed', code: 'E-DATA-PICKLIST', reason, values: field.allowedValues }]
}

function notAmong(count: number, valuesAre: FieldDescription['valuesAre']): string {
  switch (valuesAre) {
    case 'owner':
      return `not the id of one of the ${count} active owners`
    case 'pipeline':
      return `not the id of one of the ${count} pipelines`
    case 'stage':
      return `not the id of one of the ${count} stages of the pipelines`
    default:
      return `not among the ${count} values of the CRM's list`
  }
}

function listLimits(field: FieldDescription): FieldLimit[] {
  if (field.kind !== 'multi_enumeration') return []
  const { allowedValues: values, maxValues: most } = field
  const limits: FieldLimit[] = []
  if (values) {
    const one = `(${values.map(literalPattern).join('|')})`
    const reason = `a part of it is not among the ${values.length} values of the CRM's list`
    limits.push({ name: 'part_not_allowed', code: 'E-DATA-PICKLIST', reason, values, pattern: `${one}(;${one})*` })
  }
  if (most)
    limits.push({ name: 'too_many', code: 'E-DATA-PICKLIST', reason: `more than ${most} values in one list`, most })
  return limits
}

/** A character class quotes in every dialect; a backslash would need doubling in some literals. */
function literalPattern(value: string): string {
  return value.replace(/[.*+?^${}()|[\]\\]/g, (character) =>
    character === '^' || character === '\\' ? `\\${character}` : `[${character}]`,
  )
}

/** Where a CRM says nothing; no CRM keeps a number that is larger, and bare numerics may hold NaN or infinity. */
const maxWholeDigits = 27

function numberLimits(field: FieldDescription, type: Room): FieldLimit[] {
  if (field.kind !== 'number') return []
  const described = field.precision === undefined ? maxWholeDigits : field.precision - (field.scale ?? 0)
  const digits = Math.min(described, maxWholeDigits)
  return [...rangeLimit(digits, type), ...placesLimit(field, type), ...digitsLimit(field, type, digits)]
}

function rangeLimit(digits: number, type: Room): FieldLimit[] {
  const code = 'E-DATA-RANGE'
  if (digits > 0 && wholeDigits(type) > digits) {
    const reason = `more than the ${digits} digits before the point the CRM field takes`
    return [{ name: 'out_of_range', code, reason, bound: `1${'0'.repeat(digits)}` }]
  }
  // A decimal of any size may be NaN in some warehouses, and one such row would break the whole request.
  return type.kind === 'decimal' ? [{ name: 'not_finite', code, reason: 'not a number' }] : []
}

/** The CRM would round without a word, and the next run would find another value than was sent. */
function placesLimit({ scale }: FieldDescription, type: Room): FieldLimit[] {
  if (scale === undefined || type.kind !== 'decimal' || (type.scale !== null && type.scale <= scale)) return []
  const reason = `more than the ${scale} digits behind the point the CRM field keeps`
  return [{ name: 'too_precise', code: 'E-DATA-RANGE', reason, most: scale }]
}

function digitsLimit({ significantDigits: most, scale }: FieldDescription, type: Room, digits: number): FieldLimit[] {
  if (most === undefined) return []
  const places = Math.min(type.kind === 'integer' ? 0 : (type.scale ?? most), scale ?? most)
  if (Math.min(wholeDigits(type), digits) + places <= most) return []
  const reason = `more than ${most} significant digits, which the CRM does not keep`
  const bound = places === 0 ? inexactFrom : `1${'0'.repeat(Math.max(0, most - places))}`
  return [{ name: 'too_many_digits', code: 'E-DATA-RANGE', reason, most, bound }]
}

/** Whole numbers are exact in a double up to 2^53, fractions only while they have few digits. */
const inexactFrom = '9007199254740993'

function wholeDigits({ kind, precision, scale }: Room): number {
  if (kind === 'integer') return 19
  return precision === null ? Number.POSITIVE_INFINITY : precision - (scale ?? 0)
}

function formatLimit(field: FieldDescription): FieldLimit[] {
  if (field.format === 'domain') {
    return [{ name: 'invalid_domain', code: 'E-DATA-RULE', reason: 'not a bare domain name, as example.com' }]
  }
  if (field.vendorType !== 'email' && field.format !== 'email') return []
  return [{ name: 'invalid_email', code: 'E-DATA-EMAIL', reason: 'not an e-mail address the CRM takes' }]
}

function ruleLimits({ rules }: FieldDescription): FieldLimit[] {
  if (rules === undefined) return []
  const { minLength: most, min, max, pattern, allowedDomains, blockedDomains } = rules
  const code = 'E-DATA-RULE'
  const limit = (name: RuleLimitName, reason: string, more: Partial<FieldLimit>): FieldLimit => ({
    name,
    code,
    reason: `${reason} (a rule of the CRM)`,
    ...more,
  })
  return [
    ...(most ? [limit('too_short', `shorter than ${most} characters`, { most })] : []),
    ...(min ? [limit('below_minimum', `less than ${min}`, { bound: min })] : []),
    ...(max ? [limit('above_maximum', `more than ${max}`, { bound: max })] : []),
    ...(pattern ? [limit('not_matching', 'does not match the pattern', { pattern })] : []),
    ...(allowedDomains ? [limit('other_domain', 'an address of another domain', { values: allowedDomains })] : []),
    ...(blockedDomains ? [limit('blocked_domain', 'an address of a blocked domain', { values: blockedDomains })] : []),
  ]
}

/** `columnOf`: the column with the wanted value of a field, where that field is mapped. */
export function stageLimit(
  { stages }: FieldDescription,
  columnOf: (field: string) => string | undefined,
): FieldLimit[] {
  const column = stages === undefined ? undefined : columnOf(stages.field)
  if (stages === undefined || column === undefined) return []
  const list = Object.entries(stages.of).map(([pipeline, values]) => ({ pipeline, values }))
  const reason = 'no stage of the pipeline of the same row'
  return [{ name: 'not_in_pipeline', code: 'E-DATA-PICKLIST', reason, pipeline: { column, stages: list } }]
}

/** A match value is text already, and it is in no field of its own. */
export function matchLimits(field: FieldDescription | undefined): FieldLimit[] {
  if (field?.kind !== 'string') return []
  return [...lengthLimit(field), ...formatLimit(field), ...ruleLimits(field)]
}

function idLimit(field: FieldDescription): FieldLimit[] {
  if (field.kind !== 'reference' || field.recordTypes) return []
  return [{ name: 'malformed_id', code: 'E-DATA-REF', reason: 'not a record id of 15 or 18 characters' }]
}

function dayLimit({ days }: FieldDescription): FieldLimit[] {
  if (days === undefined) return []
  const reason = `not between ${days.first} and ${days.last}, the days the CRM knows`
  return [{ name: 'out_of_days', code: 'E-DATA-RANGE', reason, ...days }]
}
