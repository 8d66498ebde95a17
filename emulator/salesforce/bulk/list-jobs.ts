import type { CrmResponse } from '../../core/crm.ts'
import type { ApiCall } from '../api-call.ts'
import { badRequest } from '../api-error.ts'
import type { BulkJob } from './ingest-job.ts'

const PAGE_JOBS = 1_000

/** A page of jobs in no order of any meaning; the locator names a place, so jobs that come or go do not shift pages. */
export function listedJobs<Job extends BulkJob>(
  call: ApiCall,
  jobs: readonly Job[],
  { path, show }: { path: string; show: (job: Job) => unknown },
): CrmResponse {
  const after = placeAfter(call)
  const waiting = jobs.filter((job) => job.listPlace > after).sort((one, other) => one.listPlace - other.listPlace)
  const page = waiting.slice(0, PAGE_JOBS)
  const last = page.at(-1)
  const done = waiting.length <= PAGE_JOBS || last === undefined
  const locator = done ? '' : Buffer.from(String(last.listPlace)).toString('base64url')
  const nextRecordsUrl = done ? null : `/services/data/v${call.version}/${path}?queryLocator=${locator}`
  return { status: 200, body: { done, records: page.map(show), nextRecordsUrl } }
}

function placeAfter(call: ApiCall): number {
  const locator = call.request.query.get('queryLocator')
  if (locator === null || locator === '') return -1
  const place = Number(Buffer.from(locator, 'base64url').toString('utf8'))
  if (!(place >= 0 && place < 1)) throw badRequest('INVALID_QUERY_LOCATOR', 'invalid query locator')
  return place
}
