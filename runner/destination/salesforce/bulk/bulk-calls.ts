/** Requests of bulk jobs: which answers are worth a second try, and what the others mean to people. */

import { BackfeedError } from '../../../errors.ts'
import type { Ports } from '../../../ports.ts'
import { CallFailure } from '../../call-failure.ts'
import {
  crmAnswer,
  crmAuth,
  crmClosed,
  crmQuota,
  crmUnavailable,
  crmUnreachable,
  crmVersion,
} from '../../crm-problems.ts'
import { retryRead } from '../../pacing/retry-read.ts'
import { jsonOf, type RawAnswer, type RawRequest } from '../../raw-answer.ts'
import { redactMessage } from '../../redact-message.ts'
import type { SalesforceClient } from '../salesforce-client.ts'
import { callError, classifyCallAnswer, QUOTA_CODE } from '../salesforce-errors.ts'

export interface BulkContext {
  client: SalesforceClient
  ports: Ports
}

/** The longest wait is what Salesforce needs until long calls of others have ended. */
const WAITS_MS: readonly number[] = [2_000, 10_000, 30_000]

/**
 * One step of a job. Repeated only after what proves that nothing happened: no connection, or "too many requests".
 * Everything else is thrown, and whether the step took effect is the caller's question to the job's state.
 */
export async function callStep(context: BulkContext, request: RawRequest): Promise<RawAnswer> {
  for (const waitMs of WAITS_MS) {
    const answer = await once(context, request)
    if (answer !== undefined) return succeeded(context.client, answer)
    await context.ports.clock.sleep(waitMs, request.signal)
  }
  const last = await context.client.send(request).catch((error: unknown) => thrown(context.client, request, error))
  return succeeded(context.client, last)
}

/** undefined: proven not applied, and may pass the next time. */
async function once({ client }: BulkContext, request: RawRequest): Promise<RawAnswer | undefined> {
  try {
    const answer = await client.send(request)
    return isTooMany(answer) ? undefined : answer
  } catch (error) {
    if (error instanceof CallFailure && error.certainty === 'not_applied') return undefined
    return thrown(client, request, error)
  }
}

function isTooMany(answer: RawAnswer): boolean {
  const verdict = classifyCallAnswer(answer.status, callError(answer))
  return answer.status >= 400 && verdict.status === 'retryable' && verdict.retryAfterMs !== undefined
}

export type Download = RawAnswer & Required<Pick<RawAnswer, 'chunks'>>

/** A download, repeated like any read until its first byte. */
export async function callDownload(context: BulkContext, path: string, signal: AbortSignal): Promise<Download> {
  const { client, ports } = context
  const request: RawRequest = { purpose: 'read', method: 'GET', path, streamed: 'text/csv', signal }
  const retry = { clock: ports.clock, random: ports.random, signal, askedWaitMs: () => undefined }
  const answer = await retryRead(retry, () => client.send(request)).catch((error: unknown) =>
    thrown(client, request, error),
  )
  const { chunks } = succeeded(client, answer)
  // A login page with status 200 is not a file without rows.
  if (chunks === undefined) throw crmAnswer(client.place(), 'no CSV')
  return { ...answer, chunks }
}

/** JSON of a step's answer. */
export function jsonAnswer(client: SalesforceClient, answer: RawAnswer): unknown {
  const body = jsonOf(answer)
  if (body === undefined) throw crmAnswer(client.place(), `status ${answer.status} without JSON`)
  return body
}

export function thrown(client: SalesforceClient, request: Pick<RawRequest, 'signal'>, error: unknown): never {
  request.signal.throwIfAborted()
  throw error instanceof CallFailure ? crmUnreachable(client.place(), error) : error
}

function succeeded(client: SalesforceClient, answer: RawAnswer): RawAnswer {
  const { status } = answer
  if (status >= 200 && status < 300) return answer
  const place = client.place()
  const error = callError(answer)
  if (status === 401) throw crmAuth(place, error?.code ?? 'status 401')
  if (status === 410) throw crmVersion(place, client.apiVersion, [])
  if (status >= 500 || status === 429) throw crmUnavailable(place, status)
  if (error === undefined) throw crmAnswer(place, `status ${status} without JSON`)
  const verdict = classifyCallAnswer(status, error)
  if (verdict.code === QUOTA_CODE) throw crmQuota(place, error.code)
  if (verdict.status === 'retryable' && verdict.stops === 'access') throw crmClosed(place, error.code)
  throw refusedJob(client, `${error.code} ${redactMessage(error.message)}`)
}

export function refusedJob(client: SalesforceClient, detail: string): BackfeedError {
  return new BackfeedError({
    code: 'E-CRM-REFUSED',
    message: `Salesforce at ${client.place().host} refused a step of a bulk job: ${detail}`,
    help: 'nothing of the job is lost: the next run asks for its state first',
  })
}
