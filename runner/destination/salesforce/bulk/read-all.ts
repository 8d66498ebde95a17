import { invariant } from '../../../errors.ts'
import type { BulkReadRequest } from '../../bulk.ts'
import { crmAnswer } from '../../crm-problems.ts'
import type { CrmRecord } from '../../destination.ts'
import { isRecord, textOf } from '../../raw-answer.ts'
import { canonicalCell, type FieldsByName } from '../query-pages.ts'
import { distinctFields, matchField } from '../salesforce-read.ts'
import { type BulkContext, callStep, jsonAnswer, refusedJob } from './bulk-calls.ts'
import { type CsvCursor, CsvFault } from './csv-cursor.ts'
import { allPages } from './job-results.ts'

export interface ReadAll {
  request: BulkReadRequest
  fields: FieldsByName
  signal: AbortSignal
  /** Waits for a job to end; returns its info. */
  ended: (jobPath: string) => Promise<{ phase: string; processed?: number; message?: string }>
}

/** A bulk query job over the whole object, its pages read one after the other. */
export async function* readAll(context: BulkContext, read: ReadAll): AsyncIterable<readonly CrmRecord[]> {
  const { client } = context
  const { request, fields, signal } = read
  const match = matchField(fields, request.object, request.matchField).name
  const wanted = [...new Set([...request.fields, match])].filter(
    (name) => name !== 'Id' && fields.has(name.toLowerCase()),
  )
  const jobPath = await queryJob(context, { object: request.object, match, wanted, signal })
  const state = await read.ended(jobPath)
  if (state.phase !== 'complete')
    throw refusedJob(client, `the query job ended as ${state.phase}: ${state.message ?? ''}`)
  const rows = yield* allPages(
    { ...context, jobPath, signal },
    { name: 'results', open: (header) => recordReader(header, wanted, fields) },
  )
  if (rows < (state.processed ?? 0)) throw crmAnswer(client.place(), `${rows} of ${state.processed} records`)
}

interface Query {
  object: string
  match: string
  wanted: readonly string[]
  signal: AbortSignal
}

async function queryJob(context: BulkContext, { object, match, wanted, signal }: Query): Promise<string> {
  const { client } = context
  const query = `SELECT ${['Id', ...distinctFields(wanted)].join(', ')} FROM ${object} WHERE ${match} != null`
  const jobs = `${client.root}/jobs/query`
  const body = JSON.stringify({ operation: 'query', query })
  const headers = { 'Content-Type': 'application/json' }
  const answer = await callStep(context, { purpose: 'read', method: 'POST', path: jobs, body, headers, signal })
  const info = jsonAnswer(client, answer)
  const id = isRecord(info) ? textOf(info.id) : undefined
  if (id === undefined || !/^\w+$/.test(id)) throw crmAnswer(client.place(), 'a job without an id')
  return `${jobs}/${id}`
}

/** Cells become the same texts as those of a keyed read: plans compare them with each other. */
function recordReader(
  header: readonly string[],
  wanted: readonly string[],
  fields: FieldsByName,
): (line: CsvCursor) => CrmRecord {
  const columns = new Map(header.map((name, index) => [name.toLowerCase(), index]))
  const at = (name: string): number => {
    const index = columns.get(name.toLowerCase())
    if (index === undefined) throw new CsvFault(`no column ${name}`)
    return index
  }
  const id = at('Id')
  const cells = wanted.map((name) => ({ name, index: at(name), field: fields.get(name.toLowerCase()) }))
  return (line) => {
    const recordId = line.cell(id)
    invariant(recordId !== '', 'a query that selects Id returns it')
    const values: Record<string, string | null> = {}
    for (const { name, index, field } of cells) values[name] = canonicalCell(line.cell(index), field)
    return { recordId, fields: values }
  }
}
