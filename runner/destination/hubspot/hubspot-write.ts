import { invariant } from '../../errors.ts'
import type { Clock } from '../../ports.ts'
import { CallFailure } from '../call-failure.ts'
import { crmAuth } from '../crm-problems.ts'
import type {
  CallReport,
  Change,
  FieldDescription,
  Outcome,
  WireRequest,
  WriteRequest,
  WriteResult,
} from '../destination.ts'
import { isolateRefused, type SliceAnswer } from '../isolate-refused.ts'
import { isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'
import { redactMessage, sentCells } from '../redact-message.ts'
import { attributeResults } from './attribute-results.ts'
import type { HubspotClient } from './hubspot-client.ts'
import { type CallVerdict, callError, classifyCallAnswer, type HubspotError } from './hubspot-errors.ts'
import type { HubspotPaths } from './hubspot-paths.ts'
import { hubspotTraits } from './hubspot-traits.ts'
import { inputsOf } from './sent-input.ts'

export function wireRequest(paths: HubspotPaths, request: WriteRequest): WireRequest {
  const { changes, object, path } = request
  invariant(changes.length > 0 && changes.length <= hubspotTraits.maxBatchSize, 'a batch holds 1 to 100 changes')
  const body = `{"inputs":[${changes.map((change) => change.body).join(',')}]}`
  return { method: 'POST', path: paths.batch(object, path), body }
}

export interface WriteContext {
  client: HubspotClient
  clock: Clock
  signal: AbortSignal
  /** Undefined as long as nobody described the object; returned values are then kept as HubSpot spells them. */
  fields: ReadonlyMap<string, FieldDescription>
}

/** One request; more only when HubSpot refuses the batch as a whole without applying any of it. */
export async function writeBatch(context: WriteContext, request: WriteRequest): Promise<WriteResult> {
  const { clock } = context
  const startedMs = clock.monotonicMs()
  let facts: Omit<CallReport, 'durationMs'> = {}
  const outcomes = await isolateRefused(request.changes, async (changes) => {
    const slice = { ...request, changes }
    const answer = await sendSlice(context, slice)
    if (answer instanceof CallFailure) return withoutAnswer(answer, changes)
    facts = callFacts(answer)
    return judgeAnswer(answer, { request: slice, fields: context.fields })
  })
  return { outcomes, call: { ...facts, durationMs: Math.round(clock.monotonicMs() - startedMs) } }
}

async function sendSlice({ client, signal }: WriteContext, slice: WriteRequest): Promise<RawAnswer | CallFailure> {
  try {
    const answer = await client.send({ purpose: 'write', ...wireRequest(client.paths, slice), signal })
    if (answer.status === 401) throw crmAuth(client.place(), callError(answer)?.category ?? 'status 401')
    return answer
  } catch (error) {
    if (error instanceof CallFailure) return error
    throw error
  }
}

function callFacts(answer: RawAnswer): Omit<CallReport, 'durationMs'> {
  const body = answer.status >= 400 ? jsonOf(answer) : undefined
  const requestId =
    answer.headers['x-hubspot-correlation-id'] ?? (isRecord(body) ? textOf(body.correlationId) : undefined)
  const remaining = Number(answer.headers['x-hubspot-ratelimit-daily-remaining'] ?? Number.NaN)
  return {
    httpStatus: answer.status,
    ...(requestId === undefined ? {} : { requestId }),
    ...(Number.isInteger(remaining) ? { remaining } : {}),
  }
}

/** Whatever the connection does now, it would do to the other parts of the batch too. */
function withoutAnswer({ code, certainty }: CallFailure, changes: readonly Change[]): SliceAnswer {
  const status = certainty === 'not_applied' ? 'retryable' : 'unknown'
  return { kind: 'stopped', code, outcomes: changes.map(({ changeId }) => ({ changeId, status, code })) }
}

interface Judged {
  request: WriteRequest
  fields: ReadonlyMap<string, FieldDescription>
}

export function judgeAnswer(answer: RawAnswer, { request, fields }: Judged): SliceAnswer {
  const { changes } = request
  if (answer.status >= 200 && answer.status < 300) {
    return { kind: 'settled', outcomes: attributeResults(jsonOf(answer), { request, fields }) }
  }
  const verdict = classifyCallAnswer(answer)
  if (verdict.kind === 'refused') {
    return {
      kind: 'refused',
      guilty: blamed(verdict.error, changes),
      reject: (change) => reject(change, verdict.error),
    }
  }
  const outcomes = changes.map((change) => sharedOutcome(change, verdict))
  const { code, retryAfterMs } = verdict
  if (verdict.status === 'rejected') return { kind: 'settled', outcomes }
  return { kind: 'stopped', outcomes, code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}

/** Rows a refusal names: by trace id, or by the record id or key in their input (duplicates are named that way, folded). */
function blamed(error: HubspotError, changes: readonly Change[]): ReadonlySet<string> {
  const traces = new Set(error.traceIds)
  const named = changes.filter(({ changeId }) => traces.has(changeId)).map(({ changeId }) => changeId)
  if (error.ids.length === 0) return new Set(named)
  const ids = new Set(error.ids.map((id) => id.toLowerCase()))
  const byId = inputsOf(changes).filter(({ input }) => input.id !== undefined && ids.has(input.id.toLowerCase()))
  return new Set([...named, ...byId.map(({ changeId }) => changeId)])
}

export function reject(change: Change, error: HubspotError): Outcome {
  return {
    changeId: change.changeId,
    status: 'rejected',
    code: error.code,
    reason: redactMessage(error.message, sentCells([change.body])),
    ...(error.field === undefined ? {} : { field: error.field }),
  }
}

function sharedOutcome(change: Change, verdict: Extract<CallVerdict, { kind: 'all' }>): Outcome {
  const { changeId } = change
  const { status, code, retryAfterMs, error } = verdict
  if (status === 'unknown') return { changeId, status, code }
  if (status === 'retryable') return { changeId, status, code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  const scopes = error?.scopes.filter((scope) => /^[\w.-]+$/.test(scope)) ?? []
  const message = redactMessage(error?.message ?? '', sentCells([change.body]))
  return { changeId, status, code, reason: scopes.length > 0 ? `needs ${scopes.join(', ')}` : message }
}
