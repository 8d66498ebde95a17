import { invariant } from '../../errors.ts'
import { unknownField } from '../crm-problems.ts'
import type { CrmRecord, FieldDescription, ReadRequest } from '../destination.ts'
import { textOf } from '../raw-answer.ts'
import { canonicalCell, type FieldsByName, pages, type ReadContext, type Row } from './query-pages.ts'
import { isFollowed, keyPath, referenceReader } from './read-references.ts'
import { lookupPaths, soqlLiterals } from './soql.ts'

/** SOQL by id or by field, in address-sized pieces, every page followed to the end. */
export async function* readRecords(context: ReadContext, request: ReadRequest): AsyncIterable<readonly CrmRecord[]> {
  const { client, fields } = context
  const by = request.by === 'id' ? 'id' : matchField(fields, request.object, request.by.field)
  const asked = by === 'id' ? request.fields : [...request.fields, by.name]
  const wanted = [...new Set(asked)].filter((name) => name === 'Id' || fields.has(name.toLowerCase()))
  const references = request.references ?? []
  const paths = lookupPaths(
    {
      path: `${client.root}/query?q=`,
      object: request.object,
      field: by === 'id' ? 'Id' : by.name,
      select: distinctFields(['Id', ...wanted, ...references.filter(isFollowed).map(keyPath)]),
    },
    soqlLiterals(request.values, by),
  )
  const resolve = await referenceReader(context, references)
  for await (const rows of pages(context, paths)) {
    const records = rows.map((row) => toRecord(row, wanted, fields))
    yield references.length === 0 ? records : await resolve(rows, records)
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

function toRecord(row: Row, wanted: readonly string[], fields: FieldsByName): CrmRecord {
  const cells = new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]))
  const recordId = textOf(cells.get('id'))
  invariant(recordId !== undefined, 'a query that selects Id returns it')
  const values = wanted.map((name) => [
    name,
    canonicalCell(cells.get(name.toLowerCase()), fields.get(name.toLowerCase())),
  ])
  return { recordId, fields: Object.fromEntries(values) }
}
