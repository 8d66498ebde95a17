import { ControlError } from '../../core/crm.ts'
import type { ApiCall } from '../api-call.ts'
import { type ApiError, badRequest } from '../api-error.ts'
import { type CsvFormat, csvFormatOf } from './csv-format.ts'
import type { BulkJob } from './ingest-job.ts'

/** What both kinds of jobs start with. */
export function newBulkJob(call: ApiCall, format: CsvFormat): BulkJob {
  const { org } = call
  const nowMs = org.context.clock.nowMs()
  return {
    id: org.bulk.newJobId(),
    format,
    apiVersion: call.version,
    createdAtMs: nowMs,
    createdById: call.userId,
    changedAtMs: nowMs,
    listPlace: org.context.random.next(),
    request: org.context.currentRequest(),
    state: 'Open',
    startedAtMs: undefined,
    finishedAtMs: undefined,
    errorMessage: undefined,
    retries: 0,
  }
}

/** The CSV options of a job's body. Throws ApiError 400. */
export function formatOf(input: Readonly<Record<string, unknown>>): CsvFormat {
  if (input.contentType !== undefined && input.contentType !== 'CSV') {
    throw invalidJob(`Unsupported content type: ${String(input.contentType)}`)
  }
  try {
    return csvFormatOf(input)
  } catch (error) {
    if (error instanceof ControlError) throw invalidJob(error.message)
    throw error
  }
}

export function invalidJob(message: string): ApiError {
  return badRequest('INVALIDJOB', `InvalidJob : ${message}`)
}
