/** Bulk API 2.0. Every step is one call, so that the caller can make each durable before the next. */
import { invariant } from '../../../errors.ts'
import type { BulkLoader, BulkReader, BulkRequest, BulkState, PreparedLoad } from '../../bulk.ts'
import { crmAnswer } from '../../crm-problems.ts'
import { isRecord, type RawRequest, textOf } from '../../raw-answer.ts'
import type { FieldsByName } from '../query-pages.ts'
import { bodyOf } from '../salesforce-client.ts'
import { type BulkContext, callStep, jsonAnswer } from './bulk-calls.ts'
import { toBulkState } from './bulk-state.ts'
import { jobResults } from './job-results.ts'
import { type CsvLoad, prepareLoad } from './prepare-load.ts'
import { readAll } from './read-all.ts'
import { settleJob } from './settle-job.ts'

/** A slow line still gets 100 MB through: 64 KB per second, and what any call gets. */
const SLOWEST_BYTES_PER_MS = 64
const CALL_MS = 120_000

type OnState = (state: BulkState) => void | Promise<void>

export interface SalesforceBulkOptions extends BulkContext {
  describe: (object: string, signal: AbortSignal) => Promise<FieldsByName>
}

export function salesforceBulk(options: SalesforceBulkOptions): BulkLoader & BulkReader {
  const { client, ports } = options
  const ingest = `${client.root}/jobs/ingest`
  const job = (id: string): string => `${ingest}/${encodeURIComponent(id)}`
  const loads = new WeakMap<PreparedLoad, CsvLoad>()

  const patch = async (id: string, state: 'UploadComplete' | 'Aborted', signal: AbortSignal): Promise<void> => {
    await callStep(options, jsonStep({ method: 'PATCH', path: job(id), body: { state }, signal }))
  }
  const settled = (path: string, signal: AbortSignal, onState?: OnState): Promise<BulkState> =>
    settleJob({ clock: ports.clock, signal, ask: () => jobState(options, path, signal), onState })

  return {
    async prepare(request, changes, signal) {
      const load = await prepareLoad({ request, changes, signal })
      loads.set(load, load)
      return load
    },
    create: (request, signal) => createJob(options, { ingest, request, signal }),
    async upload(id, load, signal) {
      const file = loads.get(load)
      invariant(file !== undefined, 'what is uploaded was prepared here')
      const { body } = file
      const deadlineMs = CALL_MS + body.bytes / SLOWEST_BYTES_PER_MS
      const headers = { 'Content-Type': 'text/csv' }
      const path = `${job(id)}/batches`
      await callStep(options, { purpose: 'write', method: 'PUT', path, body, headers, deadlineMs, signal })
    },
    close: (id, signal) => patch(id, 'UploadComplete', signal),
    wire: (id) => [
      { method: 'POST', path: ingest, carries: false },
      { method: 'PUT', path: `${ingest}/${id}/batches`, carries: true },
      { method: 'PATCH', path: `${ingest}/${id}`, carries: false },
    ],
    state: (id, signal) => jobState(options, job(id), signal),
    settled: (id, signal, onState) => settled(job(id), signal, onState),
    abort: (id, signal) => patch(id, 'Aborted', signal),
    results: (ended, signal) => jobResults({ ...options, jobPath: job(ended.id), signal }, ended),
    async *readAll(request, signal) {
      const fields = await options.describe(request.object, signal)
      yield* readAll(options, { request, fields, signal, ended: (path) => settled(path, signal) })
    },
  }
}

interface JsonStep {
  method: 'POST' | 'PATCH'
  path: string
  body: unknown
  signal: AbortSignal
}

function jsonStep({ body, ...step }: JsonStep): RawRequest {
  const headers = { 'Content-Type': 'application/json' }
  return { purpose: 'write', ...step, body: JSON.stringify(body), headers }
}

interface NewJob {
  ingest: string
  request: BulkRequest
  signal: AbortSignal
}

async function createJob(context: BulkContext, { ingest, request, signal }: NewJob): Promise<string> {
  const { object, path, matchField } = request
  const key = path === 'upsert' ? { externalIdFieldName: matchField } : {}
  const body = { object, operation: path, ...key, contentType: 'CSV', lineEnding: 'LF', columnDelimiter: 'COMMA' }
  const answer = await callStep(context, jsonStep({ method: 'POST', path: ingest, body, signal }))
  const info = jsonAnswer(context.client, answer)
  const id = isRecord(info) ? textOf(info.id) : undefined
  if (id === undefined || !/^\w+$/.test(id)) throw crmAnswer(context.client.place(), 'a job without an id')
  return id
}

async function jobState(context: BulkContext, path: string, signal: AbortSignal): Promise<BulkState> {
  const { client } = context
  const answer = await client.read(path, signal)
  // Ended jobs and their results are kept for seven days.
  if (answer.refusal !== undefined && answer.status === 404) return { phase: 'gone' }
  const state = toBulkState(bodyOf(answer, client.place()))
  if (state === undefined) throw crmAnswer(client.place(), 'a job without a known state')
  return state
}
