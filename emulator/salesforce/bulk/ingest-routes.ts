import { BodyPieces } from '../../core/body-pieces.ts'
import type { CrmResponse } from '../../core/crm.ts'
import { type ApiCall, jsonBody } from '../api-call.ts'
import { ApiError, badRequest, notFound, rowError } from '../api-error.ts'
import { keyField } from '../upsert-row.ts'
import { badState } from './bad-state.ts'
import { INGEST_OPERATIONS, type IngestJob, type IngestOperation, isOver } from './ingest-job.ts'
import { ingestResult, RESULT_FILES } from './ingest-results.ts'
import { createdInfo, fullInfo, shortInfo } from './job-info.ts'
import { formatOf, invalidJob, newBulkJob } from './job-input.ts'
import { listedJobs } from './list-jobs.ts'
import { multipartJob } from './multipart-create.ts'

const MAX_MULTIPART_CHARS = 100_000
const MAX_UPLOAD_BYTES = 100 * 1024 * 1024
const CSV = 'text/csv; charset=UTF-8'

/** POST /jobs/ingest, with the rows in a second part if there are few */
export function createIngest(call: ApiCall): CrmResponse {
  const parts = multipartJob(call)
  const job = newIngestJob(call, parts?.job ?? jsonBody(call))
  if (parts !== undefined) {
    const chars = parts.content.toString('utf8').length
    if (chars > MAX_MULTIPART_CHARS) {
      throw invalidJob(`The content of a multipart request has ${chars} characters, over ${MAX_MULTIPART_CHARS}`)
    }
    job.upload = Buffer.from(parts.content)
    job.hasUpload = true
  }
  call.org.bulk.add(job)
  if (parts !== undefined) call.org.bulk.run(job)
  return { status: 200, body: createdInfo(job) }
}

/** GET /jobs/ingest[?jobType=&queryLocator=] */
export function listIngest(call: ApiCall): CrmResponse {
  const type = call.request.query.get('jobType')
  const wanted = type === null || type === 'V2Ingest'
  const jobs = wanted ? call.org.bulk.all().filter((job) => job.kind === 'ingest') : []
  const show = (job: IngestJob): unknown => ({ ...createdInfo(job), jobType: 'V2Ingest' })
  return listedJobs(call, jobs, { path: 'jobs/ingest', show })
}

/** GET /jobs/ingest/{id} */
export function ingestInfo(call: ApiCall): CrmResponse {
  return { status: 200, body: fullInfo(call.org, jobOf(call)) }
}

/** PUT /jobs/ingest/{id}/batches */
export function uploadIngest(call: ApiCall): CrmResponse {
  const job = jobOf(call)
  if (job.hasUpload) {
    const what = `Found multiple contents for job: <${job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`
    throw badState(what)
  }
  if (job.state !== 'Open') throw badState(`Job is not open for uploads, its state is ${job.state}`)
  const type = call.request.headers['content-type'] ?? ''
  if (!/^text\/csv\b/i.test(type)) {
    throw new ApiError(415, rowError('UNSUPPORTED_MEDIA_TYPE', `Content-Type '${type}' is not text/csv`))
  }
  if (call.request.body.length > MAX_UPLOAD_BYTES) {
    throw new ApiError(413, rowError('EXCEEDED_MAX_SIZE_REQUEST', 'The content is larger than 150 MB in base64'))
  }
  job.upload = call.request.body
  job.hasUpload = true
  return { status: 201 }
}

/** PATCH /jobs/ingest/{id} */
export function changeIngest(call: ApiCall): CrmResponse {
  const job = jobOf(call)
  const { state } = jsonBody(call)
  if (state === 'UploadComplete') {
    if (job.state !== 'Open') throw badState(`Closing job not allowed, its state is ${job.state}`)
    call.org.bulk.run(job)
  } else if (state === 'Aborted') {
    if (isOver(job)) throw badState(`Aborting already ${job.state} Job not allowed`)
    call.org.bulk.end(job, 'Aborted')
  } else {
    throw badState(`Job state ${String(state)} is not one of UploadComplete, Aborted`)
  }
  return { status: 200, body: shortInfo(job) }
}

/** DELETE /jobs/ingest/{id}: the job and its files, not what it wrote */
export function deleteIngest(call: ApiCall): CrmResponse {
  const job = jobOf(call)
  if (job.state === 'Open' || job.state === 'InProgress') {
    throw badState(`Deleting a job in state ${job.state} is not allowed`)
  }
  call.org.bulk.remove(job)
  return { status: 204 }
}

/** GET /jobs/ingest/{id}/{file} */
export function ingestFile(call: ApiCall): CrmResponse {
  const job = jobOf(call)
  const file = RESULT_FILES.find((name) => name === call.args[1]?.toLowerCase())
  if (file === undefined) throw notFound()
  if (!isOver(job)) throw badState(`Results are available when the job is over, its state is ${job.state}`)
  return { status: 200, body: ingestResult(job, file) }
}

/** Checked as the platform does before it gives out an id. Throws ApiError 400. */
function newIngestJob(call: ApiCall, input: Readonly<Record<string, unknown>>): IngestJob {
  const { org } = call
  const operation = operationOf(input)
  if (operation === 'hardDelete' && !org.bulk.settings.hard_delete) {
    const message =
      'hardDelete operation requires special user profile permission, please contact your system administrator'
    throw badRequest('FEATURENOTENABLED', `FeatureNotEnabled : ${message}`)
  }
  const format = formatOf(input)
  const object = typeof input.object === 'string' ? org.schema.find(input.object) : undefined
  if (object === undefined) throw invalidJob(`Unable to find object: ${String(input.object ?? '')}`)
  return {
    ...newBulkJob(call, format),
    kind: 'ingest',
    object: object.name,
    operation,
    externalIdFieldName: operation === 'upsert' ? externalId(input.externalIdFieldName, object) : undefined,
    assignmentRuleId: typeof input.assignmentRuleId === 'string' ? input.assignmentRuleId : undefined,
    shuffleSeed: Math.floor(org.context.random.next() * 2 ** 32),
    upload: undefined,
    hasUpload: false,
    index: undefined,
    chunksDone: new Uint8Array(0),
    chunksLost: new Uint8Array(0),
    header: '',
    processed: 0,
    failed: 0,
    successes: new BodyPieces(CSV),
    failures: new BodyPieces(CSV),
  }
}

function operationOf(input: Readonly<Record<string, unknown>>): IngestOperation {
  const operation = INGEST_OPERATIONS.find((one) => one === input.operation)
  if (operation === undefined) throw invalidJob(`Unsupported operation: ${String(input.operation ?? '')}`)
  return operation
}

function externalId(name: unknown, object: Parameters<typeof keyField>[0]): string {
  if (typeof name !== 'string' || name === '') {
    throw invalidJob(`External ID was blank for ${object.name}. An External ID must be specified for upsert.`)
  }
  try {
    return keyField(object, name).name
  } catch {
    throw invalidJob(`Field name provided, ${name} does not match an External ID for ${object.name}`)
  }
}

function jobOf(call: ApiCall): IngestJob {
  call.org.bulk.wake()
  const job = call.org.bulk.find(call.args[0] ?? '')
  if (job?.kind !== 'ingest') throw notFound()
  return job
}
