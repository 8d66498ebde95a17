import { invariant } from '../../errors.ts'
import type { Clock } from '../../ports.ts'
import { CallFailure } from '../call-failure.ts'
import { crmAuth } from '../crm-problems.ts'
import type { CallReport, Change, Outcome, RowOutcome, WireRequest, WriteRequest, WriteResult } from '../destination.ts'
import { isolateRefused, readingAnswer, type SliceAnswer } from '../isolate-refused.ts'
import { foreignType, isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'
import { sentCells } from '../redact-message.ts'
import { failedOutcome, outcomeOf } from './failed-outcome.ts'
import { parseLimitInfo } from './limit-info.ts'
import type { SalesforceClient } from './salesforce-client.ts'
import { callError, classifyCallAnswer, type SalesforceError, toSalesforceError } from './salesforce-errors.ts'
import { salesforceTraits } from './salesforce-traits.ts'
import { writeHeaders } from './write-headers.ts'

/** sObject Collections. `allOrNone:false`: a bad row does not take the good ones with it. */
export function wireRequest(root: string, request: WriteRequest): WireRequest {
  const { changes, object, path, matchField } = request
  invariant(changes.length > 0 && changes.length <= salesforceTraits.maxBatchSize, 'a batch holds 1 to 200 changes')
  const collections = `${root}/composite/sobjects`
  // Into the recycle bin; a fragment is the id. Source: REST guide, "sObject Collections", delete.
  if (path === 'delete') {
    const ids = changes.map((change) => change.body).join(',')
    return { method: 'DELETE', path: `${collections}?ids=${ids}&allOrNone=false`, body: '' }
  }
  const body = `{"allOrNone":false,"records":[${changes.map((change) => change.body).join(',')}]}`
  if (path === 'create') return { method: 'POST', path: collections, body }
  if (path === 'update') return { method: 'PATCH', path: collections, body }
  invariant(matchField !== undefined, 'an upsert names its match field')
  return {
    method: 'PATCH',
    path: `${collections}/${encodeURIComponent(object)}/${encodeURIComponent(matchField)}`,
    body,
  }
}

export interface WriteContext {
  client: SalesforceClient
  clock: Clock
  signal: AbortSignal
}

/** One request; more only when Salesforce refuses the batch as a whole because of one of its rows. */
export async function writeBatch(context: WriteContext, request: WriteRequest): Promise<WriteResult> {
  const { clock } = context
  const startedMs = clock.monotonicMs()
  let facts: Omit<CallReport, 'durationMs'> = {}
  const outcomes = await isolateRefused(request.changes, async (changes) => {
    const slice = { ...request, changes }
    const answer = await sendSlice(context, slice)
    if (answer instanceof CallFailure) return withoutAnswer(answer, changes)
    return readingAnswer(() => {
      facts = callFacts(answer)
      return judgeAnswer(answer, slice)
    })
  })
  return { outcomes, call: { ...facts, durationMs: Math.round(clock.monotonicMs() - startedMs) } }
}

async function sendSlice({ client, signal }: WriteContext, slice: WriteRequest): Promise<RawAnswer | CallFailure> {
  try {
    const { body, ...wire } = wireRequest(client.root, slice)
    const sent = { ...wire, ...(body !== '' && { body }) }
    const answer = await client.send({ purpose: 'write', ...sent, headers: writeHeaders(slice.options), signal })
    if (answer.status === 401) throw crmAuth(client.place(), callError(answer)?.code ?? 'status 401')
    return answer
  } catch (error) {
    if (error instanceof CallFailure) return error
    throw error
  }
}

function callFacts(answer: RawAnswer): Omit<CallReport, 'durationMs'> {
  const requestId = answer.headers['x-sfdc-request-id'] ?? answer.headers['x-request-id']
  const calls = parseLimitInfo(answer.headers['sforce-limit-info'])
  return {
    httpStatus: answer.status,
    ...(requestId === undefined ? {} : { requestId }),
    ...(calls === undefined ? {} : { remaining: Math.max(0, calls.max - calls.used) }),
  }
}

/** Whatever the connection does now, it would do to the other parts of the batch too. */
function withoutAnswer({ code, certainty }: CallFailure, changes: readonly Change[]): SliceAnswer {
  const status = certainty === 'not_applied' ? 'retryable' : 'unknown'
  return { kind: 'stopped', code, outcomes: changes.map(({ changeId }) => ({ changeId, status, code })) }
}

function judgeAnswer(answer: RawAnswer, request: WriteRequest): SliceAnswer {
  const { changes } = request
  if (answer.status === 200) return { kind: 'settled', outcomes: rowOutcomes(answer, request) }
  const error = callError(answer)
  const verdict = classifyCallAnswer(answer.status, error)
  const outcome = (about: readonly Change[]): RowOutcome =>
    outcomeOf(verdict, { ...(error && { error }), sent: sentCells(about.map((change) => change.body)) })
  if (verdict.status === 'rejected') {
    return {
      kind: 'refused',
      guilty: new Set(),
      reject: (change) => ({ changeId: change.changeId, ...outcome([change]) }),
    }
  }
  const shared = outcome(changes)
  const { code } = verdict
  const wait = verdict.status === 'retryable' ? verdict.retryAfterMs : undefined
  const outcomes = changes.map(({ changeId }) => ({ changeId, ...shared }))
  return { kind: 'stopped', outcomes, code, ...(wait === undefined ? {} : { retryAfterMs: wait }) }
}

/**
 * Salesforce gives results in request order and no other link to the row, so positions count only when there is exactly
 * one result per change; any other length could attribute a result to the wrong row.
 */
function rowOutcomes(answer: RawAnswer, request: WriteRequest): readonly Outcome[] {
  const { changes } = request
  const results = jsonOf(answer)
  const all = (code: string, reason?: string): Outcome[] =>
    changes.map(({ changeId }) => ({ changeId, status: 'unknown', code, ...(reason && { reason }) }))
  if (!Array.isArray(results)) return all('E-CRM-ANSWER', foreignType(answer))
  if (results.length !== changes.length) return all('WRONG_LENGTH')
  return changes.map((change, index) => rowOutcome(change, results[index], request))
}

function rowOutcome(change: Change, result: unknown, request: WriteRequest): Outcome {
  const { changeId, body } = change
  if (!isRecord(result)) return { changeId, status: 'unknown', code: 'NO_RESULT' }
  const recordId = textOf(result.id)
  if (result.success === true && recordId !== undefined) {
    return { changeId, status: 'succeeded', recordId, created: request.path === 'create' || result.created === true }
  }
  const error = firstError(result)
  if (result.success !== false || error === undefined) return { changeId, status: 'unknown', code: 'NO_RESULT' }
  // What a delete is for has been reached, by somebody else.
  if (request.path === 'delete' && error.code === 'ENTITY_IS_DELETED')
    return { changeId, status: 'succeeded', recordId: body, created: false }
  const { matchField } = request
  return {
    changeId,
    ...failedOutcome(error, { sent: sentCells([body]), ...(matchField === undefined ? {} : { matchField }) }),
  }
}

function firstError(result: Readonly<Record<string, unknown>>): SalesforceError | undefined {
  return Array.isArray(result.errors) ? toSalesforceError(result.errors[0]) : undefined
}
