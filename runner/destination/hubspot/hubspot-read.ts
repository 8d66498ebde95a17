import { canonicalDatetime, canonicalNumber } from '../canonical-text.ts'
import { crmAnswer, crmRefused, unknownField } from '../crm-problems.ts'
import type { CrmRecord, FieldDescription, ReadRequest, WireKind } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import { redactMessage } from '../redact-message.ts'
import type { HubspotClient, HubspotRead } from './hubspot-client.ts'
import { searchRecords } from './hubspot-search.ts'
import { hubspotTraits } from './hubspot-traits.ts'
import { absorbedIds, answeredKeys, IDENTITY_PROPERTIES, leftUnanswered } from './record-identity.ts'

export interface ReadContext {
  client: HubspotClient
  fields: ReadonlyMap<string, FieldDescription>
  signal: AbortSignal
}

/** Batch read by id or unique property; search for a property that several records may share. */
export async function* readRecords(context: ReadContext, request: ReadRequest): AsyncIterable<readonly CrmRecord[]> {
  if (request.by === 'id') {
    const ids = [...new Set(request.values)].filter((id) => /^\d+$/.test(id))
    yield* batchRead(context, { object: request.object, ids, properties: request.fields, key: undefined })
    return
  }
  const field = context.fields.get(request.by.field)
  if (field === undefined) {
    throw unknownField('HubSpot', { object: request.object, field: request.by.field }, [...context.fields.keys()])
  }
  const properties = [...new Set([...request.fields, field.name])]
  const values = request.values.filter((value) => value.trim() !== '')
  if (request.by.unique) {
    const ids = distinctKeys(values, field)
    yield* batchRead(context, { object: request.object, ids, properties, key: field })
  } else yield* searchRecords(context, { object: request.object, field, values, properties })
}

/** Keys that HubSpot takes for the same record must not meet in one request: it refuses such a batch. */
function distinctKeys(values: readonly string[], field: FieldDescription): readonly string[] {
  const folded = values.map((value) => (field.caseSensitive ? value : value.trim().toLowerCase()))
  return [...new Set(folded)]
}

interface BatchRead {
  object: string
  ids: readonly string[]
  properties: readonly string[]
  /** The unique property the ids belong to; undefined: they are record ids. */
  key: FieldDescription | undefined
}

async function* batchRead(context: ReadContext, read: BatchRead): AsyncIterable<readonly CrmRecord[]> {
  const size = hubspotTraits.readBatchSize.unique
  for (let start = 0; start < read.ids.length; start += size) {
    const ids = read.ids.slice(start, start + size)
    const { records, missing } = await readSome(context, { ...read, ids })
    if (records.length > 0) yield records.map((record) => withoutObvious(record, read.key))
    // Which of several ids a record of another id answers to can be unsaid; asked alone, an id has one answer.
    for (const id of leftUnanswered(ids, { records, missing })) {
      const [record] = (await readSome(context, { ...read, ids: [id] })).records
      if (record !== undefined) yield [{ ...record, askedFor: [id] }]
    }
  }
}

/** A record that answers to its own id or key says nothing by repeating it. */
function withoutObvious(record: CrmRecord, key: FieldDescription | undefined): CrmRecord {
  const { askedFor = [], ...plain } = record
  const own = key === undefined ? record.recordId : record.fields[key.name]
  return askedFor.length === 1 && askedFor[0] === own ? plain : record
}

async function readSome(
  { client, fields, signal }: ReadContext,
  { object, ids, properties, key }: BatchRead,
): Promise<{ records: readonly CrmRecord[]; missing: readonly string[] }> {
  const body = {
    properties: [
      ...new Set([...properties, ...IDENTITY_PROPERTIES, ...(key?.furtherValuesIn ? [key.furtherValuesIn] : [])]),
    ],
    ...(key === undefined ? {} : { idProperty: key.name }),
    inputs: ids.map((id) => ({ id })),
  }
  const answer = await readOrThrow(client, { path: client.paths.batch(object, 'read'), body, signal })
  refuseOtherErrors(client, answer)
  const records = resultsOf(client, answer).map((row) => ({
    ...toRecord(row, properties, fields),
    ...answeredKeys(row, ids, key),
    ...absorbedIds(row),
  }))
  return { records, missing: missingIds(answer) }
}

function missingIds(answer: Readonly<Record<string, unknown>>): readonly string[] {
  const errors = Array.isArray(answer.errors) ? answer.errors.filter(isRecord) : []
  return errors.flatMap(({ context }) => (isRecord(context) && Array.isArray(context.ids) ? context.ids : []))
}

/** An answer with some ids missing is complete; any other error in it means that rows are missing without being absent. */
function refuseOtherErrors(client: HubspotClient, answer: Readonly<Record<string, unknown>>): void {
  const errors = Array.isArray(answer.errors) ? answer.errors.filter(isRecord) : []
  const other = errors.find((error) => error.category !== 'OBJECT_NOT_FOUND')
  if (other !== undefined) throw crmRefused(client.place(), redactMessage(textOf(other.message) ?? 'an unnamed error'))
}

export async function readOrThrow(
  client: HubspotClient,
  read: HubspotRead,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await client.read(read)
  if (answer.refusal !== undefined) {
    throw crmRefused(client.place(), `${answer.refusal.code} ${redactMessage(answer.refusal.message)}`)
  }
  if (!isRecord(answer.body)) throw crmAnswer(client.place(), 'JSON of another shape')
  return answer.body
}

export type ResultRow = Readonly<Record<string, unknown>> & { id: string }

export function resultsOf(client: HubspotClient, body: Readonly<Record<string, unknown>>): readonly ResultRow[] {
  if (!Array.isArray(body.results)) throw crmAnswer(client.place(), 'a read without results')
  return body.results.filter((row): row is ResultRow => isRecord(row) && typeof row.id === 'string')
}

/** Requested and unset comes as null; a property HubSpot does not have is left out of the answer, and of the record. */
export function toRecord(
  row: ResultRow,
  wanted: readonly string[],
  fields: ReadonlyMap<string, FieldDescription>,
): CrmRecord {
  const properties = isRecord(row.properties) ? row.properties : {}
  const present = wanted.filter((name) => properties[name] !== undefined)
  const cells = present.map((name) => [name, canonicalCell(properties[name], fields.get(name)?.kind)])
  return { recordId: row.id, fields: Object.fromEntries(cells) }
}

/** A property that was just cleared reads back as "". */
export function canonicalCell(value: unknown, kind: WireKind | undefined): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value !== 'string') return String(value)
  if (kind === 'number') return canonicalNumber(value)
  if (kind === 'datetime') return canonicalDatetime(value)
  return value
}
