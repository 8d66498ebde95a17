/** Answers of SOQL queries, page by page, and their cells as canonical text. */
import { canonicalDatetime, canonicalNumber } from '../canonical-text.ts'
import { crmAnswer } from '../crm-problems.ts'
import type { FieldDescription } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import { bodyOf, type SalesforceClient } from './salesforce-client.ts'

/** Describe names by lower-case name: SOQL does not tell cases apart and answers with its own spelling. */
export type FieldsByName = ReadonlyMap<string, FieldDescription>

export interface ReadContext {
  client: SalesforceClient
  /** Of the object that is read. */
  fields: FieldsByName
  /** Of an object a reference points to. */
  fieldsOf: (object: string) => Promise<FieldsByName>
  signal: AbortSignal
}

export type Row = Readonly<Record<string, unknown>>

/** Rows of every page of every query; pages without rows are left out. */
export async function* pages({ client, signal }: ReadContext, paths: readonly string[]): AsyncIterable<readonly Row[]> {
  for (const first of paths) {
    let next: string | undefined = first
    while (next !== undefined) {
      const page = toPage(client, bodyOf(await client.read(next, signal), client.place()))
      if (page.rows.length > 0) yield page.rows
      next = page.next
    }
  }
}

interface Page {
  rows: readonly Row[]
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

export function canonicalCell(value: unknown, field: FieldDescription | undefined): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return JSON.stringify(value)
  if (field?.kind === 'number') return canonicalNumber(value)
  if (field?.kind === 'datetime') return canonicalDatetime(value)
  return value
}
