import type { Ports } from '../../ports.ts'
import type { Limit } from '../../project/project.ts'
import { CallFailure } from '../call-failure.ts'
import { parseWithNumbersAsText } from '../canonical-text.ts'
import {
  type CallPlace,
  crmAnswer,
  crmAuth,
  crmClosed,
  crmQuota,
  crmRefused,
  crmUnavailable,
  crmUnreachable,
  crmVersion,
} from '../crm-problems.ts'
import { type ApiBudget, apiBudget, type OrgCalls } from '../pacing/api-budget.ts'
import { retryRead } from '../pacing/retry-read.ts'
import type { TokenBucket } from '../pacing/token-bucket.ts'
import type { RawAnswer, RawRequest, Transport } from '../raw-answer.ts'
import { redactMessage } from '../redact-message.ts'
import { parseLimitInfo } from './limit-info.ts'
import { CONCURRENCY_WAIT_MS } from './salesforce-error-table.ts'
import { callError, classifyCallAnswer, QUOTA_CODE, REQUEST_LIMIT, type SalesforceError } from './salesforce-errors.ts'

export interface SalesforceClient {
  readonly transport: Transport
  /** `66.0` */
  readonly apiVersion: string
  /** `/services/data/v66.0` */
  readonly root: string
  /** The org's calls as of the latest answer. */
  readonly budget: ApiBudget
  place(): CallPlace
  /** One request within the pace, unread: what writes use. */
  send(request: RawRequest): Promise<RawAnswer>
  /** A read: repeated when that may help, then JSON with numbers as text, or the refusal. Throws when there is no answer. */
  read(path: string, signal: AbortSignal): Promise<ReadAnswer>
}

export type ReadAnswer = { body: unknown; refusal?: undefined } | { refusal: SalesforceError; status: number }

export interface SalesforceClientOptions {
  transport: Transport
  pace: TokenBucket
  ports: Ports
  /** `66.0` */
  apiVersion: string
  dailyApiBudget?: Limit
}

export function salesforceClient(options: SalesforceClientOptions): SalesforceClient {
  const { transport, pace, ports, apiVersion } = options
  const place = (): CallPlace => ({ crm: 'Salesforce', host: transport.host() })
  const budget = apiBudget(options.dailyApiBudget, {
    place,
    period: 'the last 24 hours',
    again: () => 'when calls of the last 24 hours have dropped out of the count',
  })

  async function send(request: RawRequest): Promise<RawAnswer> {
    const answer = await pace.run(request.signal, () => withinBudget(budget, () => transport.send(request)))
    // Whoever waits at the pace waits too, and half as many go on at once.
    if (isTooManyAtOnce(answer)) pace.slowDown(CONCURRENCY_WAIT_MS)
    return answer
  }

  return {
    transport,
    budget,
    apiVersion,
    root: `/services/data/v${apiVersion}`,
    place,
    send,
    async read(path, signal) {
      const { clock, random } = ports
      const retry = { clock, random, signal, askedWaitMs: () => undefined, mayPass: isTooManyAtOnce }
      const request: RawRequest = { purpose: 'read', method: 'GET', path, signal }
      const answer = await retryRead(retry, () => send(request)).catch((error: unknown) => {
        signal.throwIfAborted()
        throw error instanceof CallFailure ? crmUnreachable(place(), error) : error
      })
      return readAnswer(answer, { ...place(), apiVersion, calls: callsText(budget) })
    },
  }
}

async function withinBudget(budget: ApiBudget, call: () => Promise<RawAnswer>): Promise<RawAnswer> {
  budget.take()
  let told: OrgCalls | undefined
  try {
    const answer = await call()
    told = parseLimitInfo(answer.headers['sforce-limit-info'])
    return answer
  } finally {
    budget.settle(told)
  }
}

function isTooManyAtOnce(answer: RawAnswer): boolean {
  if (answer.status < 400 || answer.status >= 500) return false
  const error = callError(answer)
  const verdict = classifyCallAnswer(answer.status, error)
  return error?.code === REQUEST_LIMIT && verdict.code !== QUOTA_CODE
}

/** What messages about a read know of the org. */
interface ReadPlace extends CallPlace {
  apiVersion: string
  calls: string
}

function callsText(budget: ApiBudget): string {
  const usage = budget.usage()
  return usage === undefined ? '' : `, ${usage.used} of ${usage.max} API calls of the last 24 hours`
}

function readAnswer(answer: RawAnswer, place: ReadPlace): ReadAnswer {
  const { status } = answer
  if (status >= 500 || status === 429) throw crmUnavailable(place, status)
  const refusal = callError(answer)
  if (status === 401) throw crmAuth(place, refusal?.code ?? 'status 401')
  if (status === 410) throw crmVersion(place, place.apiVersion, [])
  if (status >= 400 && refusal !== undefined) return { refusal: unlessFinal(status, refusal, place), status }
  const body = status === 200 ? parsed(answer.text) : undefined
  if (body === undefined) throw crmAnswer(place, `status ${status} without JSON`)
  return { body }
}

/** Refusals that are about the org as a whole have no other meaning for whoever asked. */
function unlessFinal(status: number, refusal: SalesforceError, place: ReadPlace): SalesforceError {
  const verdict = classifyCallAnswer(status, refusal)
  if (verdict.code === QUOTA_CODE) throw crmQuota(place, `${refusal.code}${place.calls}`)
  if (refusal.code === REQUEST_LIMIT) throw crmQuota(place, `${refusal.code}, too many long requests at once`)
  if (verdict.status === 'retryable' && verdict.stops === 'access') throw crmClosed(place, refusal.code)
  return refusal
}

function parsed(text: string): unknown {
  try {
    return parseWithNumbersAsText(text)
  } catch {
    return undefined
  }
}

/** For reads where a refusal has no other meaning. */
export function bodyOf(answer: ReadAnswer, place: CallPlace): unknown {
  if (answer.refusal === undefined) return answer.body
  throw crmRefused(place, `${answer.refusal.code} ${redactMessage(answer.refusal.message)}`)
}
