import type { Ports } from '../../ports.ts'
import { CallFailure } from '../call-failure.ts'
import { parseWithNumbersAsText } from '../canonical-text.ts'
import {
  type CallPlace,
  crmAnswer,
  crmAuth,
  crmQuota,
  crmRefused,
  crmUnavailable,
  crmUnreachable,
} from '../crm-problems.ts'
import { retryRead } from '../pacing/retry-read.ts'
import type { TokenBucket } from '../pacing/token-bucket.ts'
import type { RawAnswer, RawRequest, Transport } from '../raw-answer.ts'
import { redactMessage } from '../redact-message.ts'
import { callError, classifyCallAnswer, QUOTA_CODE, type SalesforceError } from './salesforce-errors.ts'

export interface SalesforceClient {
  readonly transport: Transport
  /** `/services/data/v66.0` */
  readonly root: string
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
  root: string
}

export function salesforceClient(options: SalesforceClientOptions): SalesforceClient {
  const { transport, pace, ports, root } = options
  const place = (): CallPlace => ({ crm: 'Salesforce', host: transport.host() })
  const send = (request: RawRequest): Promise<RawAnswer> => pace.run(request.signal, () => transport.send(request))
  return {
    transport,
    root,
    place,
    send,
    async read(path, signal) {
      const retry = { clock: ports.clock, random: ports.random, signal, askedWaitMs: () => undefined }
      const request: RawRequest = { purpose: 'read', method: 'GET', path, signal }
      const answer = await retryRead(retry, () => send(request)).catch((error: unknown) => {
        signal.throwIfAborted()
        throw error instanceof CallFailure ? crmUnreachable(place(), error) : error
      })
      return readAnswer(answer, place())
    },
  }
}

function readAnswer(answer: RawAnswer, place: CallPlace): ReadAnswer {
  const { status } = answer
  if (status >= 500 || status === 429) throw crmUnavailable(place, status)
  const refusal = callError(answer)
  if (status === 401) throw crmAuth(place, refusal?.code ?? 'status 401')
  if (status >= 400 && refusal !== undefined) return { refusal: withoutQuota(status, refusal, place), status }
  const body = status === 200 ? parsed(answer.text) : undefined
  if (body === undefined) throw crmAnswer(place, `status ${status} without JSON`)
  return { body }
}

function withoutQuota(status: number, refusal: SalesforceError, place: CallPlace): SalesforceError {
  if (classifyCallAnswer(status, refusal).code === QUOTA_CODE) throw crmQuota(place, refusal.code)
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
