import { isoInstant } from './instant-text.ts'
import type { PropertyDefinition } from './property-definition.ts'
import { LIFECYCLE_STAGES } from './standard-objects.ts'

export type ApiVersion = 'v3' | '2026-03' | '2026-09'

/** One value HubSpot would not store, as its "Property values were not valid" message lists it. */
export interface ValueProblem {
  property: string
  code: string
  message: string
  value?: string
  /** The other property a conditional rule names. */
  because?: string
}

export interface NormalizedValue {
  propertyName: string
  rawValue: string
  normalizedValue: string
}

/** `unchanged`: accepted, and nothing is stored. */
export type CheckedValue =
  | { kind: 'store'; value: string; normalized?: NormalizedValue }
  | { kind: 'unchanged' }
  | { kind: 'problem'; problem: ValueProblem }

export interface ValueRules {
  version: ApiVersion
  /** The value the record holds, for what depends on it. */
  current: unknown
}

const MAX_TEXT = 65_536
const DAY_MS = 86_400_000
const NUMBER = /^-?(\d+\.?\d*|\.\d+)$/
const DATE = /^\d{4}-\d{2}-\d{2}$/
const EPOCH_MS = /^-?\d{1,15}$/
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/

/** `value` is not empty: clearing and null are decided before. */
export function checkValue(definition: PropertyDefinition, value: string, rules: ValueRules): CheckedValue {
  switch (definition.type) {
    case 'number':
      if (NUMBER.test(value)) return store(value)
      return problem(definition, { code: 'INVALID_INTEGER', message: `${value} was not a valid number.`, value })
    case 'bool':
      return checkOptions(definition, value, [value])
    case 'enumeration':
      return checkEnumeration(definition, value, rules.current)
    case 'date':
      return checkDate(definition, value, rules.version)
    case 'datetime':
      return checkDatetime(definition, value, rules.version)
    default:
      return checkText(definition, value)
  }
}

export function problem(definition: { name: string }, found: Omit<ValueProblem, 'property'>): CheckedValue {
  return { kind: 'problem', problem: { property: definition.name, ...found } }
}

function store(value: string): CheckedValue {
  return { kind: 'store', value }
}

function checkText(definition: PropertyDefinition, value: string): CheckedValue {
  if (value.length <= MAX_TEXT) return store(value)
  // The limit is documented; the code of its error is not, so this one is a guess.
  return problem(definition, {
    code: 'INVALID_LENGTH',
    message: `${definition.name} is longer than ${MAX_TEXT} characters.`,
  })
}

function checkEnumeration(definition: PropertyDefinition, value: string, current: unknown): CheckedValue {
  if (definition.externalOptions) return store(value)
  if (definition.fieldType === 'checkbox') return checkCheckboxes(definition, value, current)
  const checked = checkOptions(definition, value, [value])
  // A lifecycle stage that would go backward is accepted and not stored.
  if (checked.kind === 'store' && definition.name === 'lifecyclestage' && movesBackward(current, value)) {
    return { kind: 'unchanged' }
  }
  return checked
}

/** `A;B` replaces, `;C` adds to what is there. */
function checkCheckboxes(definition: PropertyDefinition, value: string, current: unknown): CheckedValue {
  const chosen = value.split(';').filter((part) => part !== '')
  const kept = value.startsWith(';') && typeof current === 'string' ? current.split(';') : []
  const joined = [...new Set([...kept.filter((part) => part !== ''), ...chosen])].join(';')
  return checkOptions(definition, joined, chosen)
}

function checkOptions(definition: PropertyDefinition, stored: string, chosen: readonly string[]): CheckedValue {
  const wrong = chosen.find((part) => !definition.options.some((option) => option.value === part))
  if (wrong === undefined) return store(stored)
  const allowed = definition.options.map((option) => option.value).join(', ')
  return problem(definition, {
    code: 'INVALID_OPTION',
    message: `${wrong} was not one of the allowed options: [${allowed}]`,
    value: wrong,
  })
}

function movesBackward(current: unknown, value: string): boolean {
  const from = LIFECYCLE_STAGES.indexOf(String(current ?? ''))
  const to = LIFECYCLE_STAGES.indexOf(value)
  return to >= 0 && to < from
}

function checkDate(definition: PropertyDefinition, value: string, version: ApiVersion): CheckedValue {
  if (DATE.test(value) && isoDay(Date.parse(value)) === value) return store(value)
  const ms = instantMs(value)
  if (ms === undefined)
    return problem(definition, { code: 'INVALID_LONG', message: `${value} was not a valid long.`, value })
  const day = isoDay(ms)
  if (ms % DAY_MS === 0 && EPOCH_MS.test(value)) return store(day)
  if (version === '2026-09') return normalized(definition, value, day)
  return problem(definition, {
    code: 'INVALID_DATE',
    message: `${value} is at ${timeOfDay(ms)} UTC, not midnight!`,
    value,
  })
}

function checkDatetime(definition: PropertyDefinition, value: string, version: ApiVersion): CheckedValue {
  const ms = instantMs(value)
  if (ms !== undefined) return store(isoInstant(ms))
  if (version === '2026-09' && DATE.test(value) && !Number.isNaN(Date.parse(value))) {
    return normalized(definition, value, isoInstant(Date.parse(value)))
  }
  return problem(definition, { code: 'INVALID_LONG', message: `${value} was not a valid long.`, value })
}

function normalized(definition: PropertyDefinition, rawValue: string, normalizedValue: string): CheckedValue {
  const change = { propertyName: definition.name, rawValue, normalizedValue }
  return { kind: 'store', value: normalizedValue, normalized: change }
}

/** Epoch milliseconds of an epoch value or an ISO instant with an offset; undefined for anything else. */
function instantMs(value: string): number | undefined {
  if (EPOCH_MS.test(value)) return Number(value)
  if (!INSTANT.test(value)) return undefined
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms
}

function isoDay(ms: number): string {
  return Number.isNaN(ms) ? '' : isoInstant(ms).slice(0, 10)
}

function timeOfDay(ms: number): string {
  const at = new Date(ms)
  return `${at.getUTCHours()}:${at.getUTCMinutes()}:${at.getUTCSeconds()}.${at.getUTCMilliseconds()}`
}
