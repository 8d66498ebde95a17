/** Canonical text of values read from a CRM: what before-images store and what plans compare. */

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/
/** Beyond this the text would be mostly zeros; no CRM number is that large. */
const MAX_SHIFT = 400

/** Plain decimal without exponent, leading or trailing zeros: `1.0E7` → `10000000`. Anything else comes back as it is. */
export function canonicalNumber(text: string): string {
  const match = NUMBER.exec(text.trim())
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? []
  const shift = Number(exponent)
  if (match === null || whole + fraction === '' || Math.abs(shift) > MAX_SHIFT) return text
  const digits = whole + fraction
  const point = whole.length + shift
  const padded = digits.padEnd(Math.max(digits.length, point), '0')
  const left = point <= 0 ? '' : padded.slice(0, point)
  const right = point <= 0 ? '0'.repeat(-point) + padded : padded.slice(point)
  const integer = left.replace(/^0+/, '') || '0'
  const decimals = right.replace(/0+$/, '')
  const value = decimals === '' ? integer : `${integer}.${decimals}`
  return sign === '-' && value !== '0' ? `-${value}` : value
}

const DATETIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/

/** UTC `yyyy-MM-ddTHH:mm:ss.SSSZ`; Salesforce writes the offset without a colon. Not a moment in time: unchanged. */
export function canonicalDatetime(text: string): string {
  if (!DATETIME.test(text)) return text
  const moment = new Date(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  return Number.isNaN(moment.getTime()) ? text : moment.toISOString()
}

const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs

/** JSON with every number as its own text: JSON.parse rounds beyond 15 digits, and its reviver sees only the rounded one. */
export function parseWithNumbersAsText(json: string): unknown {
  return JSON.parse(json.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`)))
}
