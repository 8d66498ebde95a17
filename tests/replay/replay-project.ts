/** The project a user would write for this data: a seed that is replaced every month, one model and one sync per leg. */

import type { Mapping } from './expected-months.ts'
import type { Leg } from './replay-legs.ts'

/** Column of the file -> column of the model. */
const COLUMN: Readonly<Record<string, string>> = {
  Symbol: 'symbol',
  Name: 'security',
  Security: 'security',
  Sector: 'sector',
  'GICS Sector': 'sector',
  'GICS Sub-Industry': 'sub_industry',
  'Headquarters Location': 'headquarters',
  'Date added': 'date_added',
  CIK: 'cik',
  Founded: 'founded',
}

const SALESFORCE_TEXT = { Sector__c: 80, Sub_Industry__c: 80, Headquarters__c: 80, CIK__c: 10, Founded__c: 60 }

export const SCHEMAS = {
  symbol: {
    crm: 'salesforce',
    object: 'Account',
    schema: {
      fields: [
        { name: 'Symbol__c', type: 'string', length: 40, externalId: true, unique: true, idLookup: true },
        { name: 'Date_Added__c', type: 'date' },
        ...Object.entries(SALESFORCE_TEXT).map(([name, length]) => ({ name, type: 'string', length })),
      ],
    },
  },
  cik: {
    crm: 'hubspot',
    object: 'companies',
    schema: {
      properties: [
        { name: 'cik', type: 'string', fieldType: 'text', hasUniqueValue: true },
        { name: 'date_added', type: 'date', fieldType: 'date' },
        ...['ticker', 'sector', 'sub_industry', 'headquarters', 'founded'].map((name) => ({
          name,
          type: 'string',
          fieldType: 'text',
        })),
      ],
    },
  },
} as const

/** The month's file with a header a warehouse can use; the rows are copied as they are. */
export function seedFile(text: string): string {
  const end = text.indexOf('\n')
  const header = text.slice(0, end).trim().split(',')
  return header.map((column) => COLUMN[column]).join(',') + text.slice(end)
}

/** Files of the project as they stand in a month. */
export function projectFiles(leg: Leg, mapping: Mapping): Record<string, string> {
  return {
    'models/constituents.sql': modelSql(leg, mapping),
    'seeds/seeds.yml': seedsYaml(leg, mapping),
    'syncs/replay.yml': syncYaml(leg, mapping),
  }
}

function columnsOf(leg: Leg, mapping: Mapping): string[] {
  return [...new Set([leg.key, ...Object.values(mapping)])]
}

/** '2001?' and '2009' stand among the dates: what is no date is no value. */
function modelSql(leg: Leg, mapping: Mapping): string {
  const columns = columnsOf(leg, mapping).map((column) =>
    column === 'Date added'
      ? '  case when length(date_added) = 10 then cast(date_added as date) end as date_added'
      : `  ${COLUMN[column]}`,
  )
  return `select\n${columns.join(',\n')}\nfrom {{ ref('sp500') }}\n`
}

function seedsYaml(leg: Leg, mapping: Mapping): string {
  const columns = columnsOf(leg, mapping).map((column) => `      - {name: ${COLUMN[column]}, data_type: varchar}\n`)
  return `version: 2\nseeds:\n  - name: sp500\n    columns:\n${columns.join('')}`
}

function syncYaml(leg: Leg, mapping: Mapping): string {
  const destination =
    leg.name === 'symbol' ? '{connection: salesforce, object: Account}' : '{connection: hubspot, object: companies}'
  const match =
    leg.name === 'symbol'
      ? '{field: Symbol__c, from: symbol, strategy: external_id}'
      : '{field: cik, from: cik, strategy: unique_property}'
  const fields = Object.entries(mapping).map(([field, column]) => `      - {to: ${field}, from: ${COLUMN[column]}}\n`)
  return `version: 1
syncs:
  - name: replay
    model: ref('constituents')
    primary_key: ${COLUMN[leg.key]}
    destination: ${destination}
    mode: upsert
    match: ${match}
    first_sync: overwrite
    fields:
${fields.join('')}    # Whole years pass between some of the files.
    guards: {max_creates: 100%, max_updates: 100%}
`
}
