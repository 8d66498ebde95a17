/**
 * References as keys of the records they point to. An ordinary one is followed inside the query (`Parent.Customer_Id__c`);
 * over a polymorphic one SOQL reaches only the few fields every object shares, so its ids are looked up in a query of their own.
 */
import type { CrmRecord, ReferenceRead } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import { canonicalCell, pages, type ReadContext, type Row } from './query-pages.ts'
import { lookupPaths, soqlLiterals } from './soql.ts'

/** Followed by the query itself. */
export function isFollowed(reference: ReferenceRead): boolean {
  return !reference.polymorphic
}

export function keyPath({ relationship, key }: ReferenceRead): string {
  return `${relationship}.${key}`
}

export type ReferenceReader = (rows: readonly Row[], records: readonly CrmRecord[]) => Promise<readonly CrmRecord[]>

/** The returned function puts keys in the place of ids. A record without the key keeps its id: it is not empty, only not ours. */
export async function referenceReader(
  context: ReadContext,
  references: readonly ReferenceRead[],
): Promise<ReferenceReader> {
  const readers = await Promise.all(references.map((reference) => cellReader(context, reference)))
  return async (rows, records) => {
    const cells = await Promise.all(readers.map((read) => read(rows, records)))
    return records.map((record, index) => ({
      recordId: record.recordId,
      fields: {
        ...record.fields,
        ...Object.fromEntries(
          references.map(({ field }, which) => [field, cells[which]?.[index] ?? record.fields[field] ?? null]),
        ),
      },
    }))
  }
}

type CellReader = (
  rows: readonly Row[],
  records: readonly CrmRecord[],
) => Promise<readonly (string | null | undefined)[]>

async function cellReader(context: ReadContext, reference: ReferenceRead): Promise<CellReader> {
  const fields = await context.fieldsOf(reference.object)
  const key = fields.get(reference.key.toLowerCase())
  if (isFollowed(reference)) {
    return async (rows) =>
      rows.map((row) => {
        const parent = row[reference.relationship]
        return isRecord(parent) ? canonicalCell(parent[reference.key], key) : null
      })
  }
  return async (_, records) => {
    const ids = records.map((record) => record.fields[reference.field] ?? '')
    const paths = lookupPaths(
      {
        path: `${context.client.root}/query?q=`,
        object: reference.object,
        field: 'Id',
        select: ['Id', reference.key],
      },
      soqlLiterals(ids, 'id'),
    )
    const keys = new Map<string, string | null>()
    for await (const rows of pages(context, paths)) {
      for (const row of rows) keys.set(textOf(row.Id) ?? '', canonicalCell(row[reference.key], key))
    }
    return ids.map((id) => keys.get(id))
  }
}
