import { BackfeedError } from '../../errors.ts'
import type { CrmRecord, FieldDescription } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import { type ReadContext, type ResultRow, readOrThrow, resultsOf, toRecord } from './hubspot-read.ts'
import { hubspotTraits } from './hubspot-traits.ts'

/** Limits of one search (HubSpot docs, "Search the CRM"). */
const MAX_BODY_CHARACTERS = 3_000
const PAGE_SIZE = 200
const MAX_RESULTS = 10_000
/** Room for `after` on later pages. */
const AFTER_CHARACTERS = 40

export interface SearchRead {
  object: string
  field: FieldDescription
  values: readonly string[]
  properties: readonly string[]
}

/**
 * Records whose property equals one of the values, case ignored. HubSpot's search splits text into words, so what it
 * finds is compared again here. Its index is some seconds behind writes.
 */
export async function* searchRecords(context: ReadContext, read: SearchRead): AsyncIterable<readonly CrmRecord[]> {
  for (const values of searchChunks(read)) {
    const wanted = new Set(values)
    let after: string | undefined
    do {
      const answer = await searchPage(context, { read, values, after })
      const matching = answer.rows.filter((row) => wanted.has(fold(propertyText(row, read.field.name))))
      if (matching.length > 0) yield matching.map((row) => toRecord(row, read.properties, context.fields))
      after = answer.after
    } while (after !== undefined)
  }
}

const fold = (value: string): string => value.trim().toLowerCase()

function propertyText(row: ResultRow, name: string): string {
  return (isRecord(row.properties) ? textOf(row.properties[name]) : undefined) ?? ''
}

function searchBody(read: SearchRead, values: readonly string[], after?: string): unknown {
  return {
    filterGroups: [{ filters: [{ propertyName: read.field.name, operator: 'IN', values }] }],
    properties: read.properties,
    limit: PAGE_SIZE,
    ...(after === undefined ? {} : { after }),
  }
}

/** IN wants text in lower case; at most so many values, in a body of at most 3,000 characters. */
export function searchChunks(read: SearchRead): readonly (readonly string[])[] {
  const room = MAX_BODY_CHARACTERS - AFTER_CHARACTERS - JSON.stringify(searchBody(read, [])).length
  const chunks: string[][] = []
  let used = Number.POSITIVE_INFINITY
  for (const value of new Set(read.values.map(fold))) {
    const size = JSON.stringify(value).length + 1
    if (size > room) throw tooLong(read)
    const current = chunks.at(-1)
    if (current === undefined || used + size > room || current.length === hubspotTraits.readBatchSize.search) {
      chunks.push([value])
      used = size
    } else {
      current.push(value)
      used += size
    }
  }
  return chunks
}

function tooLong(read: SearchRead): BackfeedError {
  return new BackfeedError({
    code: 'E-CRM-SEARCH',
    message: `a search for ${read.object}.${read.field.name} with ${read.properties.length} properties is longer than HubSpot takes`,
    help: 'match on a property with unique values, or map fewer fields in this sync',
  })
}

interface Page {
  read: SearchRead
  values: readonly string[]
  after: string | undefined
}

async function searchPage(
  { client, signal }: ReadContext,
  { read, values, after }: Page,
): Promise<{ rows: readonly ResultRow[]; after: string | undefined }> {
  const body = searchBody(read, values, after)
  const answer = await readOrThrow(client, { path: client.paths.search(read.object), body, pace: 'search', signal })
  if (Number(answer.total) > MAX_RESULTS) throw tooMany(read)
  const paging = isRecord(answer.paging) && isRecord(answer.paging.next) ? answer.paging.next : {}
  return { rows: resultsOf(client, answer), after: textOf(paging.after) }
}

function tooMany(read: SearchRead): BackfeedError {
  return new BackfeedError({
    code: 'E-CRM-SEARCH',
    message: `more than ${MAX_RESULTS} ${read.object} share values of ${read.field.name}; HubSpot does not return them all`,
    help: 'match on a property with unique values',
  })
}
