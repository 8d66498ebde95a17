import { type RowError, rowError } from './api-error.ts'
import { apiDatetime, parseDate, parseDatetime } from './dates.ts'
import type { Field } from './field.ts'
import { canonicalId } from './record-id.ts'

export type FieldValue = string | number | boolean | null
export type ValueResult = { value: FieldValue } | { error: RowError }

export interface ValueOptions {
  /** Texts that read as booleans are taken as such, and an empty one as null: CSV, and the control plane. JSON is strict. */
  textual: boolean
}

/** A JSON value as the field would store it, or why the row is refused. Decided by the describe attributes alone. */
export function storedValue(field: Field, input: unknown, options: ValueOptions): ValueResult {
  if (input === null) return field.type === 'boolean' ? wrongType(field, 'null') : { value: null }
  if (typeof input === 'object' || input === undefined) return unreadable(field)
  switch (field.type) {
    case 'boolean':
      return booleanValue(field, input, options)
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      return numberValue(field, input, options)
    case 'date':
      return dateValue(field, input)
    case 'datetime':
      return datetimeValue(field, input)
    case 'id':
    case 'reference':
      return idValue(field, input)
    case 'address':
    case 'location':
      return unreadable(field)
    default:
      return textValue(field, String(input))
  }
}

function booleanValue(field: Field, input: unknown, { textual }: ValueOptions): ValueResult {
  if (typeof input === 'boolean') return { value: input }
  if (textual && /^(true|1)$/i.test(String(input))) return { value: true }
  if (textual && /^(false|0|)$/i.test(String(input))) return { value: false }
  return wrongType(field, String(input))
}

const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i

function numberValue(field: Field, input: unknown, { textual }: ValueOptions): ValueResult {
  if (textual && input === '') return { value: null }
  // JSON too: the official command line has no other way to set a number.
  const value = typeof input === 'string' && DECIMAL.test(input) ? Number(input) : input
  if (typeof value !== 'number' || !Number.isFinite(value)) return wrongType(field, String(input))
  if (field.type === 'int' && !Number.isInteger(value)) return wrongType(field, String(input))
  const wholeDigits = field.type === 'int' ? field.digits : field.precision - field.scale
  const rounded = field.type === 'int' ? value : roundHalfUp(value, field.scale)
  if (wholeDigits > 0 && Math.abs(rounded) >= 10 ** wholeDigits) {
    return failed(field, 'NUMBER_OUTSIDE_VALID_RANGE', `value outside of valid range on numeric field: ${value}`)
  }
  return { value: rounded }
}

/** Rounds the decimal text, not the binary fraction: 1.005 to two places is 1.01. Never a negative zero. */
export function roundHalfUp(value: number, scale: number): number {
  if (Number.isInteger(value)) return value + 0
  // Whole hundredths (or whatever the scale) divide back into exactly the number they came from.
  const power = 10 ** scale
  if (Math.round(value * power) / power === value) return value
  const [mantissa = '0', exponent = '0'] = String(Math.abs(value)).split('e')
  const shifted = Math.round(Number(`${mantissa}e${Number(exponent) + scale}`))
  return Math.sign(value) * Number(`${String(shifted).includes('e') ? shifted : `${shifted}e${-scale}`}`) + 0
}

function dateValue(field: Field, input: unknown): ValueResult {
  if (input === '') return { value: null }
  const value = typeof input === 'string' ? parseDate(input) : undefined
  return value === undefined ? wrongType(field, String(input)) : { value }
}

function datetimeValue(field: Field, input: unknown): ValueResult {
  if (input === '') return { value: null }
  const ms = typeof input === 'string' ? parseDatetime(input) : undefined
  return ms === undefined ? wrongType(field, String(input)) : { value: apiDatetime(ms) }
}

function idValue(field: Field, input: unknown): ValueResult {
  if (input === '') return { value: null }
  const value = canonicalId(String(input).trim())
  if (value !== undefined) return { value }
  return failed(field, 'MALFORMED_ID', `id value of incorrect type: ${String(input)}`)
}

function textValue(field: Field, input: string): ValueResult {
  const value = trimmed(input)
  if (value === '') return { value: null }
  if (field.type === 'picklist' || field.type === 'multipicklist') return picklistValue(field, value)
  if (field.length > 0 && value.length > field.length) {
    return failed(field, 'STRING_TOO_LONG', `data value too large: ${value} (max length=${field.length})`)
  }
  if (field.type === 'email' && !isEmail(value)) {
    return failed(field, 'INVALID_EMAIL_ADDRESS', `invalid email address: ${value}`)
  }
  return { value }
}

function picklistValue(field: Field, text: string): ValueResult {
  const multi = field.type === 'multipicklist'
  if (!multi && field.restrictedPicklist && activeValues(field).has(text)) return { value: text }
  const chosen = multi ? [...new Set(text.split(';').map(trimmed))].filter((one) => one !== '') : [text]
  const longest = multi ? text : (chosen[0] ?? '')
  if (field.restrictedPicklist) {
    const active = activeValues(field)
    const bad = chosen.find((one) => !active.has(one))
    if (bad !== undefined) {
      const message = `bad value for restricted picklist field: ${bad}`
      return failed(field, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message)
    }
  } else if (longest.length > field.length) {
    return failed(field, 'STRING_TOO_LONG', `data value too large: ${text} (max length=${field.length})`)
  }
  return { value: chosen.join(';') }
}

const ACTIVE = new WeakMap<Field, ReadonlySet<string>>()

function activeValues(field: Field): ReadonlySet<string> {
  let active = ACTIVE.get(field)
  if (active === undefined) {
    active = new Set(field.picklistValues.filter((one) => one.active).map((one) => one.value))
    ACTIVE.set(field, active)
  }
  return active
}

// Only ASCII white space: String.trim() would also take a no-break space, which the platform keeps.
function trimmed(text: string): string {
  if (text.charCodeAt(0) > 32 && text.charCodeAt(text.length - 1) > 32) return text
  return text.replace(/^[ \t\r\n\f\v]+|[ \t\r\n\f\v]+$/g, '')
}

function isEmail(text: string): boolean {
  return (
    /^[^\s@,;:"()<>[\]\\]+@[^\s@,;:"()<>[\]\\.]+(\.[^\s@,;:"()<>[\]\\.]+)+$/.test(text) && !/\.@|^\.|\.\./.test(text)
  )
}

function wrongType(field: Field, shown: string): ValueResult {
  return failed(field, 'INVALID_TYPE_ON_FIELD_IN_RECORD', `value not of required type: ${shown}`)
}

function unreadable(field: Field): ValueResult {
  const message = `Cannot deserialize instance of ${field.type} from START_OBJECT or START_ARRAY`
  return { error: rowError('JSON_PARSER_ERROR', message, [field.name]) }
}

function failed(field: Field, code: string, what: string): ValueResult {
  return { error: rowError(code, `${field.label}: ${what}`, [field.name]) }
}
