/** What a CRM's own description of a field allows, as checks the warehouse makes on every row before anything is sent. */
import type { FieldDescription } from '../destination/destination.ts'
import type { ProblemCode } from '../errors.ts'

export interface FieldLimit {
  name: 'too_long' | 'not_allowed' | 'out_of_range' | 'invalid_email'
  code: ProblemCode
  reason: string
  length?: number
  values?: readonly string[]
  bound?: string
}

interface Room {
  kind: string
  precision: number | null
  scale: number | null
}

/** `type` is the one the values have in the warehouse: what it cannot hold is not checked. */
export function fieldLimits(field: FieldDescription | undefined, type: Room): FieldLimit[] {
  if (!field) return []
  return [...lengthLimit(field), ...valueLimit(field), ...rangeLimit(field, type), ...emailLimit(field)]
}

function lengthLimit(field: FieldDescription): FieldLimit[] {
  if (field.kind !== 'string' || !field.length) return []
  const reason = `longer than the ${field.length} characters the CRM field takes`
  return [{ name: 'too_long', code: 'E-DATA-LENGTH', reason, length: field.length }]
}

function valueLimit(field: FieldDescription): FieldLimit[] {
  if (field.kind !== 'enumeration' || !field.allowedValues) return []
  const reason = `not among the ${field.allowedValues.length} values of the CRM's list`
  return [{ name: 'not_allowed', code: 'E-DATA-PICKLIST', reason, values: field.allowedValues }]
}

/** Where a CRM says nothing; no CRM keeps a number that is larger, and bare numerics may hold NaN or infinity. */
const maxWholeDigits = 27

function rangeLimit(field: FieldDescription, type: Room): FieldLimit[] {
  if (field.kind !== 'number') return []
  const described = field.precision === undefined ? maxWholeDigits : field.precision - (field.scale ?? 0)
  const digits = Math.min(described, maxWholeDigits)
  if (digits <= 0 || wholeDigits(type) <= digits) return []
  const reason = `more than the ${digits} digits before the point the CRM field takes`
  return [{ name: 'out_of_range', code: 'E-DATA-RANGE', reason, bound: `1${'0'.repeat(digits)}` }]
}

function wholeDigits({ kind, precision, scale }: Room): number {
  if (kind === 'integer') return 19
  return precision === null ? Number.POSITIVE_INFINITY : precision - (scale ?? 0)
}

function emailLimit(field: FieldDescription): FieldLimit[] {
  if (field.vendorType !== 'email') return []
  return [{ name: 'invalid_email', code: 'E-DATA-EMAIL', reason: 'not an e-mail address the CRM takes' }]
}
