import { invariant } from '../../errors.ts'
import type { Clock } from '../../ports.ts'
import { CallFailure } from '../call-failure.ts'
import { crmAuth } from '../crm-problems.ts'
import type { Change, Outcome, WireRequest, WriteRequest, WriteResult } from '../destination.ts'
import { isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'
import { redactMessage, sentCells } from '../redact-message.ts'
import type { SalesforceClient } from './salesforce-client.ts'
import {
  callError,
  classifyCallAnswer,
  classifyRowError,
  remainingCalls,
  type SalesforceError,
  toSalesforceError,
  type Verdict,
} from './salesforce-errors.ts'
import { salesforceTraits } from './salesforce-traits.ts'

/** sObject Collections. `allOrNone:false`: a bad row does not take the good ones with it. */
export function wireRequest(root: string, request: WriteRequest): WireRequest {
  const { changes, object, path, matchField } = request
  invariant(changes.length > 0 && changes.length <= salesforceTraits.maxBatchSize, 'a batch holds 1 to 200 changes')
  const body = `{"allOrNone":false,"records":[${changes.map((change) => change.body).join(',')}]}`
  const collections = `${root}/composite/sobjects`
  if (path === 'create') return { method: 'POST', path: collections, body }
  if (path === 'update') return { method: 'PATCH', path: collections, body }
  invariant(matchField !== undefined, 'an upsert names its match field')
  return {
    method: 'PATCH',
    path: `${collections}/${encodeURIComponent(object)}/${encodeURIComponent(matchField)}`,
    body,
  }
}

const WRITE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'application/json',
  // Salesforce runs assignment rules on API writes unless told not to, and they give records away.
  'Sforce-Auto-Assign': 'FALSE',
}

export interface WriteContext {
  client: SalesforceClient
  clock: Clock
  signal: AbortSignal
}

export async function writeBatch(context: WriteContext, request: WriteRequest): Promise<WriteResult> {
  const { client, clock, signal } = context
  const wire = wireRequest(client.root, request)
  const startedMs = clock.monotonicMs()
  try {
    const answer = await client.send({ purpose: 'write', ...wire, headers: WRITE_HEADERS, signal })
    if (answer.status === 401) throw crmAuth(client.place(), callError(answer)?.code ?? 'status 401')
    const call = { httpStatus: answer.status, ...callFacts(answer), durationMs: elapsed(clock, startedMs) }
    return { outcomes: toOutcomes(answer, request), call }
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    return { outcomes: withoutAnswer(error, request.changes), call: { durationMs: elapsed(clock, startedMs) } }
  }
}

function elapsed(clock: Clock, sinceMs: number): number {
  return Math.round(clock.monotonicMs() - sinceMs)
}

function callFacts(answer: RawAnswer): { requestId?: string; remaining?: number } {
  const requestId = answer.headers['x-sfdc-request-id'] ?? answer.headers['x-request-id']
  const remaining = remainingCalls(answer)
  return { ...(requestId === undefined ? {} : { requestId }), ...(remaining === undefined ? {} : { remaining }) }
}

function withoutAnswer(failure: CallFailure, changes: readonly Change[]): readonly Outcome[] {
  const status = failure.certainty === 'not_applied' ? 'retryable' : 'unknown'
  return changes.map(({ changeId }) => ({ changeId, status, code: failure.code }))
}

/**
 * Salesforce gives results in request order and no other link to the row, so positions count only when there is exactly
 * one result per change; any other length could attribute a result to the wrong row.
 */
function toOutcomes(answer: RawAnswer, request: WriteRequest): readonly Outcome[] {
  const { changes, path } = request
  if (answer.status !== 200) return refusedCall(answer, changes)
  const results = jsonOf(answer)
  if (!Array.isArray(results))
    return changes.map(({ changeId }) => ({ changeId, status: 'unknown', code: 'E-CRM-ANSWER' }))
  if (results.length !== changes.length) {
    return changes.map(({ changeId }) => ({ changeId, status: 'unknown', code: 'WRONG_LENGTH' }))
  }
  return changes.map((change, index) => rowOutcome(change, results[index], path === 'create'))
}

function refusedCall(answer: RawAnswer, changes: readonly Change[]): readonly Outcome[] {
  const error = callError(answer)
  const verdict = classifyCallAnswer(answer.status, error)
  const reason =
    error === undefined ? '' : redactMessage(error.message, sentCells(changes.map((change) => change.body)))
  return changes.map(({ changeId }) => withReason(changeId, verdict, { reason }))
}

function rowOutcome(change: Change, result: unknown, creates: boolean): Outcome {
  const { changeId, body } = change
  if (!isRecord(result)) return { changeId, status: 'unknown', code: 'NO_RESULT' }
  const recordId = textOf(result.id)
  if (result.success === true && recordId !== undefined) {
    return { changeId, status: 'succeeded', recordId, created: creates || result.created === true }
  }
  const error = firstError(result)
  if (result.success !== false || error === undefined) return { changeId, status: 'unknown', code: 'NO_RESULT' }
  const field = error.fields[0]
  const reason = redactMessage(error.message, sentCells([body]))
  return withReason(changeId, classifyRowError(error.code), { reason, ...(field === undefined ? {} : { field }) })
}

function firstError(result: Readonly<Record<string, unknown>>): SalesforceError | undefined {
  return Array.isArray(result.errors) ? toSalesforceError(result.errors[0]) : undefined
}

function withReason(changeId: string, verdict: Verdict, detail: { reason: string; field?: string }): Outcome {
  if (verdict.status === 'rejected') return { changeId, ...verdict, ...detail }
  return { changeId, ...verdict, ...(detail.reason === '' ? {} : { reason: detail.reason }) }
}
