import { invariant } from '../../errors.ts'
import type { Clock } from '../../ports.ts'
import { CallFailure } from '../call-failure.ts'
import { crmAuth } from '../crm-problems.ts'
import type {
  CallReport,
  Change,
  FieldDescription,
  Outcome,
  RowOutcome,
  WireRequest,
  WriteRequest,
  WriteResult,
} from '../destination.ts'
import { isolateRefused, readingAnswer, type SliceAnswer } from '../isolate-refused.ts'
import { isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'
import { sentCells } from '../redact-message.ts'
import { archiveResults } from './archive-results.ts'
import { associationResults } from './association-results.ts'
import { attributeResults } from './attribute-results.ts'
import { namedRows, ownDetail, suspectRows } from './blame-rows.ts'
import { type HubspotClient, TOKEN_HELP } from './hubspot-client.ts'
import { callError, classifyCallAnswer, classifyRowError, type HubspotError } from './hubspot-errors.ts'
import { outcomeOf } from './hubspot-outcome.ts'
import type { HubspotPaths } from './hubspot-paths.ts'
import { hubspotTraits } from './hubspot-traits.ts'

export function wireRequest(paths: HubspotPaths, request: WriteRequest): WireRequest {
  const { changes, association } = request
  const most = association === undefined ? hubspotTraits.maxBatchSize : hubspotTraits.maxAssociations
  invariant(
    changes.length > 0 && changes.length <= (most ?? 0),
    'a batch holds 1 to 100 changes, or 2,000 associations',
  )
  const body = `{"inputs":[${changes.map((change) => change.body).join(',')}]}`
  return { method: 'POST', path: batchPath(paths, request), body }
}

function batchPath(paths: HubspotPaths, { object, path, association }: WriteRequest): string {
  if (path === 'delete') return paths.batch(object, 'archive')
  if (path !== 'associate') return paths.batch(object, path)
  invariant(association, 'an association names the other object')
  return paths.associations(object, association.to, association.labelled ? 'create' : 'associate/default')
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
    return readingAnswer(() => {
      facts = callFacts(answer)
      return judgeAnswer(answer, { request: slice, fields: context.fields, resumes: context.client.resumes })
    })
  })
  return { outcomes, call: { ...facts, durationMs: Math.round(clock.monotonicMs() - startedMs) } }
}

async function sendSlice({ client, signal }: WriteContext, slice: WriteRequest): Promise<RawAnswer | CallFailure> {
  try {
    const answer = await client.send({ purpose: 'write', ...wireRequest(client.paths, slice), signal })
    if (answer.status === 401) throw crmAuth(client.place(), callError(answer)?.category ?? 'status 401', TOKEN_HELP)
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
  resumes: HubspotClient['resumes']
}

export function judgeAnswer(answer: RawAnswer, { request, fields, resumes }: Judged): SliceAnswer {
  const { changes } = request
  if (answer.status >= 200 && answer.status < 300) {
    if (request.path === 'associate') return { kind: 'settled', outcomes: associationResults(answer, changes) }
    if (request.path === 'delete') return { kind: 'settled', outcomes: archiveResults(answer, changes) }
    return { kind: 'settled', outcomes: attributeResults(answer, { request, fields }) }
  }
  const judged = classifyCallAnswer(answer)
  if (judged.kind === 'refused') {
    const { error } = judged
    const guilty = namedRows(error, changes)
    return { kind: 'refused', guilty, suspects: suspectRows(error, changes), reject: (change) => reject(change, error) }
  }
  const { verdict, error } = judged
  const shared = timed(outcomeOf(verdict, { error, sent: sentCells(changes.map(({ body }) => body)) }), resumes)
  const outcomes = changes.map(({ changeId }) => ({ changeId, ...shared }))
  if (shared.status !== 'retryable') return { kind: 'stopped', outcomes, code: verdict.code }
  const { status: _, ...pause } = shared
  return { kind: 'stopped', outcomes, ...pause }
}

/** What is over in hours says when: the run ends, and whoever starts the next one has to know. */
function timed(outcome: RowOutcome, resumes: HubspotClient['resumes']): RowOutcome {
  if (outcome.status !== 'retryable' || outcome.stops !== 'later') return outcome
  const { waitMs, again } = resumes(outcome)
  return { ...outcome, reason: `${outcome.reason ?? outcome.code}; run again ${again}`, retryAfterMs: waitMs }
}

function reject(change: Change, error: HubspotError): Outcome {
  const sent = sentCells([change.body])
  const own = ownDetail(error, change)
  const verdict = classifyRowError(own)
  // It was refused and its neighbours were not: whatever the table says of its code, this row is at fault.
  const rejected = verdict.status === 'rejected' ? verdict : ({ status: 'rejected', code: own.code } as const)
  return { changeId: change.changeId, ...outcomeOf(rejected, { error: own, sent }) }
}
