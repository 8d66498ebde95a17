/**
 * Rules that administrators put on properties (property validations API), as far as their meaning is certain and SQL can say
 * it. What is left out here is left to HubSpot, which refuses the row. Pure.
 */
import type { FieldDescription, ValueRules } from '../destination.ts'
import type { PropertyRule } from './read-definitions.ts'

export function withRules(field: FieldDescription, all: readonly PropertyRule[]): FieldDescription {
  const own = all.filter((rule) => rule.property === field.name)
  if (own.length === 0) return field
  const most = wholeNumber(argument(own, 'MAX_LENGTH'))
  const places = field.kind === 'number' ? wholeNumber(argument(own, 'DECIMAL')) : undefined
  const rules = valueRules(field, own)
  return {
    ...field,
    ...(most === undefined ? {} : { length: Math.min(most, field.length ?? most) }),
    ...(places === undefined ? {} : { scale: places }),
    ...daysOf(field, own),
    ...(Object.keys(rules).length === 0 ? {} : { rules }),
  }
}

function valueRules({ kind }: FieldDescription, own: readonly PropertyRule[]): ValueRules {
  const isText = kind === 'string'
  const minLength = isText ? wholeNumber(argument(own, 'MIN_LENGTH')) : undefined
  const min = kind === 'number' ? decimal(argument(own, 'MIN_NUMBER')) : undefined
  const max = kind === 'number' ? decimal(argument(own, 'MAX_NUMBER')) : undefined
  const pattern = isText ? portablePattern(argument(own, 'REGEX')) : undefined
  return {
    ...(minLength === undefined ? {} : { minLength }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(pattern === undefined ? {} : { pattern }),
    ...domains(own, 'EMAIL_ALLOWED_DOMAINS', 'allowedDomains'),
    ...domains(own, 'EMAIL_BLOCKED_DOMAINS', 'blockedDomains'),
  }
}

function daysOf({ days }: FieldDescription, own: readonly PropertyRule[]): Pick<FieldDescription, 'days'> {
  if (days === undefined) return {}
  const first = day(argument(own, 'START_DATE')) ?? days.first
  const last = day(argument(own, 'END_DATE')) ?? days.last
  return { days: { first, last } }
}

function domains(
  own: readonly PropertyRule[],
  type: string,
  name: 'allowedDomains' | 'blockedDomains',
): Partial<ValueRules> {
  const list = own.filter((rule) => rule.type === type).flatMap((rule) => rule.arguments)
  return list.length === 0 ? {} : { [name]: list.map((domain) => domain.trim().toLowerCase()) }
}

function argument(own: readonly PropertyRule[], type: string): string | undefined {
  return own.find((rule) => rule.type === type)?.arguments[0]?.trim()
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined
}

function decimal(text: string | undefined): string | undefined {
  return text !== undefined && /^-?\d{1,20}([.]\d{1,10})?$/.test(text) ? text : undefined
}

function day(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : undefined
}

/** HubSpot's expressions are Java's; only signs that mean the same in every warehouse are taken. */
function portablePattern(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const bare = text.replace(/^\^/, '').replace(/\$$/, '')
  return /^([A-Za-z0-9 _@#%&=:;,<>~!"'/-]|\[[A-Za-z0-9 ._@+-]+\]|[*+?|()]|[.]|\{\d+(,\d*)?\})+$/.test(bare) &&
    !/\(\?|[*+?}][*+?{]/.test(bare)
    ? bare
    : undefined
}
