import { invariant } from '../../errors.ts'
import { canonicalDatetime, canonicalNumber } from '../canonical-text.ts'
import { crmAnswer, unknownField } from '../crm-problems.ts'
import type { CrmRecord, FieldDescription, ReadRequest } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import { bodyOf, type SalesforceClient } from './salesforce-client.ts'
import { lookupPaths, soqlLiterals } from './soql.ts'

/** Describe names by lower-case name: SOQL does not tell cases apart and answers with its own spelling. */
export type FieldsByName = ReadonlyMap<string, FieldDescription>

export interface ReadContext {
  client: SalesforceClient
  fields: FieldsByName
  signal: AbortSignal
}

/** SOQL by id or by field, in address-sized pieces, every page followed to the end. */
export async function* readRecords(context: ReadContext, request: ReadRequest): AsyncIterable<readonly CrmRecord[]> {
  const { client, fields, signal } = context
  const by = request.by === 'id' ? 'id' : matchField(fields, request.object, request.by.field)
  const wanted = by === 'id' ? request.fields : [...request.fields, by.name]
  const known = [...new Set(wanted)].filter((name) => name !== 'Id' && fields.has(name.toLowerCase()))
  const paths = lookupPaths(
    {
      path: `${client.root}/query?q=`,
      object: request.object,
      field: by === 'id' ? 'Id' : by.name,
      select: ['Id', ...distinctFields(known)],
    },
    soqlLiterals(request.values, by),
  )
  for (const first of paths) {
    let next: string | undefined = first
    while (next !== undefined) {
      const page = toPage(client, bodyOf(await client.read(next, signal), client.place()))
      if (page.rows.length > 0) yield page.rows.map((row) => toRecord(row, known, fields))
      next = page.next
    }
  }
}

/** Selecting one field twice is an error of the query. */
export function distinctFields(names: readonly string[]): readonly string[] {
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()]
}

export function matchField(fields: FieldsByName, object: string, name: string): FieldDescription {
  const field = fields.get(name.toLowerCase())
  if (field !== undefined) return field
  throw unknownField(
    'Salesforce',
    { object, field: name },
    [...fields.values()].map((known) => known.name),
  )
}

interface Page {
  rows: readonly Readonly<Record<string, unknown>>[]
  next: string | undefined
}

/** A page without `done` or without a way on would end the read early without anyone noticing. */
function toPage(client: SalesforceClient, body: unknown): Page {
  if (!isRecord(body) || !Array.isArray(body.records)) throw crmAnswer(client.place(), 'a query without records')
  const next = textOf(body.nextRecordsUrl)
  if (body.done === true) return { rows: body.records.filter(isRecord), next: undefined }
  if (next === undefined || !next.startsWith('/services/data/'))
    throw crmAnswer(client.place(), 'a page without its next')
  return { rows: body.records.filter(isRecord), next }
}

function toRecord(row: Readonly<Record<string, unknown>>, wanted: readonly string[], fields: FieldsByName): CrmRecord {
  const cells = new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]))
  const recordId = textOf(cells.get('id'))
  invariant(recordId !== undefined, 'a query that selects Id returns it')
  const values = wanted.map((name) => [
    name,
    canonicalCell(cells.get(name.toLowerCase()), fields.get(name.toLowerCase())),
  ])
  return { recordId, fields: Object.fromEntries(values) }
}

export function canonicalCell(value: unknown, field: FieldDescription | undefined): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return JSON.stringify(value)
  if (field?.kind === 'number') return canonicalNumber(value)
  if (field?.kind === 'datetime') return canonicalDatetime(value)
  return value
}
