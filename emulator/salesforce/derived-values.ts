import type { FieldValue } from './field-values.ts'
import type { ObjectSchema } from './object-schema.ts'
import type { FieldValues } from './row-values.ts'

const WON = 'Closed Won'
const LOST = 'Closed Lost'
const STAGE_PERCENT: Readonly<Record<string, number>> = {
  Prospecting: 10,
  Qualification: 10,
  'Needs Analysis': 20,
  'Value Proposition': 50,
  'Id. Decision Makers': 60,
  'Perception Analysis': 70,
  'Proposal/Price Quote': 75,
  'Negotiation/Review': 90,
  [WON]: 100,
  [LOST]: 0,
}

const NOTHING: FieldValues = Object.freeze({})

/** Fields the platform fills in from others after a write. `before` is the record without the changes; empty on create. */
export function derivedValues(object: ObjectSchema, before: FieldValues, changes: FieldValues): FieldValues {
  const isPerson = object.byName.has('lastname')
  if (!isPerson && object.name !== 'Opportunity' && object.name !== 'Case') return NOTHING
  const now = (name: string): FieldValue => (name in changes ? (changes[name] ?? null) : (before[name] ?? null))
  if (isPerson) return personName(changes, now)
  if (object.name === 'Opportunity') return opportunity(changes, now)
  if (object.name === 'Case' && 'Status' in changes) return { IsClosed: changes.Status === 'Closed' }
  return NOTHING
}

function personName(changes: FieldValues, now: (name: string) => FieldValue): FieldValues {
  if (!('LastName' in changes || 'FirstName' in changes)) return {}
  const parts = [now('FirstName'), now('LastName')].filter((part) => part !== null)
  return { Name: parts.length === 0 ? null : parts.join(' ') }
}

function opportunity(changes: FieldValues, now: (name: string) => FieldValue): FieldValues {
  const stage = changes.StageName
  const values: FieldValues = {}
  if (typeof stage === 'string') {
    values.IsClosed = stage === WON || stage === LOST
    values.IsWon = stage === WON
    if (!('Probability' in changes) && stage in STAGE_PERCENT) values.Probability = STAGE_PERCENT[stage] ?? null
  }
  const amount = now('Amount')
  const percent = values.Probability ?? now('Probability')
  if (typeof amount === 'number' && typeof percent === 'number') {
    values.ExpectedRevenue = Math.round(amount * percent) / 100
  }
  return values
}
