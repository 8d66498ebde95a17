/** Constants of a mapping, as they are written, against the CRM field: what every row would otherwise be quarantined for. Pure. */
import type { FieldDescription, WireKind } from '../destination/destination.ts'
import { isRecordId } from '../destination/salesforce/record-id.ts'
import type { Problem } from '../errors.ts'
import type { FieldMapping } from '../project/project.ts'
import { type FieldLimit, fieldLimits } from './field-limits.ts'
import { grantedRecordTypes } from './record-types.ts'
import { suggestedName } from './suggested-name.ts'

const kindFits: Partial<Record<WireKind, RegExp>> = {
  number: /^-?[0-9]+([.][0-9]+)?$/,
  boolean: /^(true|false)$/,
  date: /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
  datetime: /^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?Z?)?$/,
}

/** `description` is that of the values: for a reference, of the key it holds. */
export function constantProblems(field: FieldMapping, description: FieldDescription): Problem[] {
  const value = field.value ?? ''
  const at = field.valueAt ?? field.at
  if (description.valuesAre === 'owner' && value.includes('@')) return [addressOfOwner(field, description)]
  const pattern = kindFits[description.kind]
  if (pattern && !pattern.test(value)) {
    const message = `the constant of ${field.to} is not a ${description.kind}`
    return [{ code: 'E-MAP-TYPE', message, at, help: `${field.to} is ${description.vendorType}` }]
  }
  const types = grantedRecordTypes(description)
  const stored = types.find(({ developerName }) => developerName === value)?.id ?? value
  const room = { kind: 'decimal', precision: null, scale: null }
  return fieldLimits(description, room)
    .filter((limit) => breaks(stored.trim(), limit))
    .map(({ code, reason, values }) => ({
      code,
      message: `the constant of ${field.to} is ${reason}`,
      at,
      ...choices(value, description.recordTypes ? types.map(({ developerName }) => developerName) : (values ?? [])),
      ...meant(value, description),
    }))
}

function addressOfOwner(field: FieldMapping, description: FieldDescription): Problem {
  return {
    code: 'E-MAP-TYPE',
    message: `the constant of ${field.to} is an e-mail address; HubSpot wants the id of an owner`,
    at: field.valueAt ?? field.at,
    ...meant(field.value ?? '', description),
    help: 'ids of owners: HubSpot settings, or GET /crm/v3/owners; the id of a user is another one',
  }
}

/** A label or an address instead of what is stored. */
function meant(value: string, { valueNames = {} }: FieldDescription): Pick<Problem, 'hint'> {
  const stored = valueNames[value.trim().toLowerCase()]
  return stored === undefined ? {} : { hint: `did you mean "${stored}"?` }
}

function choices(value: string, known: readonly string[]): Pick<Problem, 'hint' | 'help'> {
  if (known.length === 0) return {}
  return { ...suggestedName(value, known), help: `one of: ${known.slice(0, 10).join(', ')}` }
}

/** The JavaScript side of rules.is_email() and rules.is_domain(). */
const LABELS = '([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?[.])+[A-Za-z]{2,63}'
const WORD = '[A-Za-z0-9!#$%&*+/=?^_`{|}~-]+'
const EMAIL = new RegExp(`^${WORD}([.]${WORD})*@${LABELS}$`)
const DOMAIN = new RegExp(`^${LABELS}$`)

/** The JavaScript side of rules.breaks_limit(); `value` is trimmed. */
function breaks(value: string, limit: FieldLimit): boolean {
  const { most = 0, values = [], bound = '', first = '', last = '', pattern = '' } = limit
  const [whole = '', fraction = ''] = value.replace(/^-/, '').split('.')
  switch (limit.name) {
    case 'too_long':
      return value.length > most
    case 'not_allowed':
      return !values.includes(value)
    case 'part_not_allowed':
      return parts(value).some((part) => !values.includes(part))
    case 'too_many':
      return parts(value).length > most
    case 'out_of_range':
      return whole.replace(/^0+/, '').length >= bound.length
    case 'too_precise':
      return fraction.replace(/0+$/, '').length > most
    case 'too_many_digits':
      return `${whole}${fraction}`.replace(/^0+|0+$/g, '').length > most && whole.length >= bound.length
    case 'malformed_id':
      return !isRecordId(value)
    case 'out_of_days':
      return value.slice(0, 10) < first || value.slice(0, 10) > last
    case 'invalid_email':
      return !EMAIL.test(value)
    case 'invalid_domain':
      return !DOMAIN.test(value)
    case 'too_short':
      return value.length < most
    case 'below_minimum':
      return Number(value) < Number(bound)
    case 'above_maximum':
      return Number(value) > Number(bound)
    case 'not_matching':
      return !new RegExp(`^(?:${pattern})$`).test(value)
    case 'other_domain':
      return !values.includes(domainOf(value))
    case 'blocked_domain':
      return values.includes(domainOf(value))
    default:
      return false
  }
}

function parts(value: string): string[] {
  return value
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function domainOf(address: string): string {
  return address.toLowerCase().split('@')[1] ?? ''
}
