import type { Org } from '../org.ts'
import type { BulkJob, IngestJob } from './ingest-job.ts'
import type { QueryJob } from './query-job.ts'

/** What create, close and list say of an ingest job. */
export function shortInfo(job: IngestJob): Record<string, unknown> {
  return {
    id: job.id,
    operation: job.operation,
    object: job.object,
    createdById: job.createdById,
    createdDate: jobDate(job.createdAtMs),
    systemModstamp: jobDate(job.changedAtMs),
    state: job.state,
    ...(job.externalIdFieldName === undefined ? {} : { externalIdFieldName: job.externalIdFieldName }),
    ...(job.assignmentRuleId === undefined ? {} : { assignmentRuleId: job.assignmentRuleId }),
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: Number(job.apiVersion),
  }
}

/** As on creation: with the address to upload to, relative and without a leading slash. */
export function createdInfo(job: IngestJob): Record<string, unknown> {
  return {
    ...shortInfo(job),
    contentUrl: `services/data/v${job.apiVersion}/jobs/ingest/${job.id}/batches`,
    lineEnding: job.format.lineEnding,
    columnDelimiter: job.format.columnDelimiter,
  }
}

/** As by `GET /jobs/ingest/{id}`. */
export function fullInfo(org: Org, job: IngestJob): Record<string, unknown> {
  const activeMs = activeTimeMs(org, job)
  return {
    ...createdInfo(job),
    jobType: 'V2Ingest',
    numberRecordsProcessed: job.processed,
    numberRecordsFailed: job.failed,
    retries: job.retries,
    totalProcessingTime: activeMs,
    apiActiveProcessingTime: activeMs,
    apexProcessingTime: 0,
    ...(job.errorMessage === undefined ? {} : { errorMessage: job.errorMessage }),
  }
}

/** What create, abort and list say of a query job. */
export function shortQueryInfo(job: QueryJob): Record<string, unknown> {
  return {
    id: job.id,
    operation: job.operation,
    object: job.bound.object.name,
    createdById: job.createdById,
    createdDate: jobDate(job.createdAtMs),
    systemModstamp: jobDate(job.changedAtMs),
    state: job.state,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: Number(job.apiVersion),
    lineEnding: job.format.lineEnding,
    columnDelimiter: job.format.columnDelimiter,
  }
}

/** As by `GET /jobs/query/{id}`. */
export function fullQueryInfo(org: Org, job: QueryJob): Record<string, unknown> {
  return {
    ...shortQueryInfo(job),
    jobType: 'V2Query',
    numberRecordsProcessed: job.processed,
    retries: job.retries,
    totalProcessingTime: activeTimeMs(org, job),
    isPkChunkingSupported: job.bound.query.orderBy.length === 0 && job.bound.query.limit === undefined,
    ...(job.errorMessage === undefined ? {} : { errorMessage: job.errorMessage }),
  }
}

export function activeTimeMs(org: Org, job: BulkJob): number {
  if (job.startedAtMs === undefined) return 0
  return Math.round((job.finishedAtMs ?? org.context.clock.nowMs()) - job.startedAtMs)
}

/** With milliseconds, unlike the dates of records. */
export function jobDate(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000')
}
