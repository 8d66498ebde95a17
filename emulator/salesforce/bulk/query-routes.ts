import type { CrmResponse } from '../../core/crm.ts'
import { type ApiCall, jsonBody } from '../api-call.ts'
import { ApiError, badRequest, notFound, rowError } from '../api-error.ts'
import { parseSoql } from '../soql-parser.ts'
import { bindQuery } from '../soql-run.ts'
import { badState } from './bad-state.ts'
import { isOver } from './ingest-job.ts'
import { fullQueryInfo, shortQueryInfo } from './job-info.ts'
import { formatOf, invalidJob, newBulkJob } from './job-input.ts'
import { listedJobs } from './list-jobs.ts'
import type { QueryJob, QueryResult } from './query-job.ts'
import { locatorOf, queryPage, rowAt } from './query-pages.ts'
import { refuseCompounds, refuseWords } from './refused-in-bulk.ts'

const RESULT_PAGES_FROM = 58
const PAGES_AT_ONCE = 5

/** POST /jobs/query: closed by its creation */
export function createQuery(call: ApiCall): CrmResponse {
  const { org } = call
  const input = jsonBody(call)
  const operation = input.operation === 'query' || input.operation === 'queryAll' ? input.operation : undefined
  if (operation === undefined) throw invalidJob(`Unsupported operation: ${String(input.operation ?? '')}`)
  if (typeof input.query !== 'string' || input.query.trim() === '') throw invalidJob('No query found')
  refuseWords(input.query)
  const bound = bindQuery(org, parseSoql(input.query.trim()))
  refuseCompounds(bound)
  if (!org.bulk.usage.takeQueryJob()) {
    throw badRequest('EXCEEDEDQUOTA', 'ExceededQuota : DailyBulkV2QueryJobs Limit exceeded.')
  }
  const format = formatOf(input)
  const job: QueryJob = {
    ...newBulkJob(call, format),
    kind: 'query',
    operation,
    bound,
    result: undefined,
    processed: 0,
  }
  org.bulk.add(job)
  org.bulk.run(job)
  return { status: 200, body: shortQueryInfo(job) }
}

/** GET /jobs/query[?jobType=&queryLocator=] */
export function listQueries(call: ApiCall): CrmResponse {
  const type = call.request.query.get('jobType')
  const wanted = type === null || type === 'V2Query'
  const jobs = wanted ? call.org.bulk.all().filter((job) => job.kind === 'query') : []
  const show = (job: QueryJob): unknown => ({ ...shortQueryInfo(job), jobType: 'V2Query' })
  return listedJobs(call, jobs, { path: 'jobs/query', show })
}

/** GET /jobs/query/{id} */
export function queryInfo(call: ApiCall): CrmResponse {
  return { status: 200, body: fullQueryInfo(call.org, jobOf(call)) }
}

/** PATCH /jobs/query/{id}: only Aborted */
export function abortQuery(call: ApiCall): CrmResponse {
  const job = jobOf(call)
  const { state } = jsonBody(call)
  if (state !== 'Aborted') throw badState(`Job state ${String(state)} is not Aborted`)
  if (isOver(job)) throw badState(`Aborting already ${job.state} Job not allowed`)
  call.org.bulk.end(job, 'Aborted')
  return { status: 200, body: shortQueryInfo(job) }
}

/** DELETE /jobs/query/{id} */
export function deleteQuery(call: ApiCall): CrmResponse {
  const job = jobOf(call)
  if (job.state === 'InProgress') throw badState(`Deleting a job in state ${job.state} is not allowed`)
  call.org.bulk.remove(job)
  return { status: 204 }
}

/** GET /jobs/query/{id}/results[?locator=&maxRecords=] */
export function queryResults(call: ApiCall): CrmResponse {
  const result = resultOf(call)
  const from = startRow(call, result)
  const to = Math.min(result.rows, from + pageRows(call))
  const headers = {
    'Sforce-NumberOfRecords': String(to - from),
    'Sforce-Locator': to < result.rows ? locatorOf(to) : 'null',
  }
  return { status: 200, headers, body: queryPage(result, { from, to }) }
}

/** GET /jobs/query/{id}/resultPages[?locator=]: up to five addresses to load at the same time */
export function queryResultPages(call: ApiCall): CrmResponse {
  if (Number(call.version) < RESULT_PAGES_FROM) throw notFound()
  const result = resultOf(call)
  const base = `/services/data/v${call.version}/jobs/query/${jobOf(call).id}`
  const size = pageRows(call)
  const resultPages: { resultUrl: string }[] = []
  let row = startRow(call, result)
  do {
    resultPages.push({ resultUrl: `${base}/results?locator=${locatorOf(row)}${maxRecords(call)}` })
    row += size
  } while (row < result.rows && resultPages.length < PAGES_AT_ONCE)
  const done = row >= result.rows
  const next = done ? {} : { nextRecordsUrl: `${base}/resultPages?locator=${locatorOf(row)}${maxRecords(call)}` }
  return { status: 200, body: { resultPages, ...next, done } }
}

function resultOf(call: ApiCall): QueryResult {
  const job = jobOf(call)
  if (job.apiVersion !== call.version) {
    const message = `The job was created with API version ${job.apiVersion}; ask for its results with the same`
    throw new ApiError(409, rowError('INVALID_VERSION', message))
  }
  if (job.result === undefined || job.state !== 'JobComplete') {
    throw badState(`Results are available when the job is JobComplete, its state is ${job.state}`)
  }
  return job.result
}

function startRow(call: ApiCall, result: QueryResult): number {
  const locator = call.request.query.get('locator')
  const row = locator === null || locator === '' ? 0 : rowAt(locator, result)
  if (row === undefined) throw badRequest('INVALID_QUERY_LOCATOR', 'invalid query locator')
  return row
}

function pageRows(call: ApiCall): number {
  const text = call.request.query.get('maxRecords')
  if (text === null) return call.org.bulk.settings.query_page_rows
  if (!/^[1-9]\d{0,8}$/.test(text)) throw badRequest('INVALID_QUERY_PARAMETER', `maxRecords '${text}' is not a number`)
  return Number(text)
}

function maxRecords(call: ApiCall): string {
  const text = call.request.query.get('maxRecords')
  return text === null ? '' : `&maxRecords=${text}`
}

function jobOf(call: ApiCall): QueryJob {
  call.org.bulk.wake()
  const job = call.org.bulk.find(call.args[0] ?? '')
  if (job?.kind !== 'query') throw notFound()
  return job
}
