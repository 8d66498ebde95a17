/** The two legs of the replay: which key, which fields, from which month on. */
import type { Mapping, Row, Step } from './expected-months.ts'

export interface Leg {
  name: 'symbol' | 'cik'
  /** Column of the file that is the key. */
  key: 'Symbol' | 'CIK'
  steps: readonly Step[]
}

/** The data set changes its schema here. */
export const SCHEMA_CHANGE = '2023-04'

const EARLY: Mapping = { Name: 'Name', Sector__c: 'Sector' }
const RENAMED: Mapping = { Name: 'Security', Sector__c: 'GICS Sector' }
export const ADDED: Mapping = {
  Sub_Industry__c: 'GICS Sub-Industry',
  Headquarters__c: 'Headquarters Location',
  Date_Added__c: 'Date added',
  CIK__c: 'CIK',
  Founded__c: 'Founded',
}
export const HUBSPOT: Mapping = {
  name: 'Security',
  ticker: 'Symbol',
  sector: 'GICS Sector',
  sub_industry: 'GICS Sub-Industry',
  headquarters: 'Headquarters Location',
  date_added: 'Date added',
  founded: 'Founded',
}

/** In the month of the schema change the columns are renamed first and the new fields mapped second, so that the second step adds fields to rows that are all unchanged. */
export function symbolLeg(months: ReadonlyMap<string, Row[]>): Leg {
  const steps = [...months.keys()].flatMap((month): Step[] => {
    if (month < SCHEMA_CHANGE) return [{ month, mapping: EARLY }]
    if (month > SCHEMA_CHANGE) return [{ month, mapping: { ...RENAMED, ...ADDED } }]
    return [
      { month, mapping: RENAMED },
      { month, mapping: { ...RENAMED, ...ADDED } },
    ]
  })
  return { name: 'symbol', key: 'Symbol', steps }
}

/** There is no CIK column before the schema change. */
export function cikLeg(months: ReadonlyMap<string, Row[]>): Leg {
  const later = [...months.keys()].filter((month) => month >= SCHEMA_CHANGE)
  return { name: 'cik', key: 'CIK', steps: later.map((month) => ({ month, mapping: HUBSPOT })) }
}
