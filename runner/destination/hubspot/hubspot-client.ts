import type { Ports } from '../../ports.ts'
import { CallFailure } from '../call-failure.ts'
import {
  type CallPlace,
  crmAnswer,
  crmAuth,
  crmQuota,
  crmScope,
  crmUnavailable,
  crmUnreachable,
} from '../crm-problems.ts'
import { retryRead } from '../pacing/retry-read.ts'
import type { TokenBucket } from '../pacing/token-bucket.ts'
import { jsonOf, type RawAnswer, type RawRequest, type Transport } from '../raw-answer.ts'
import {
  askedWaitMs,
  callError,
  classifyCallAnswer,
  type HubspotError,
  QUOTA_CODE,
  SCOPE_CODE,
} from './hubspot-errors.ts'
import type { HubspotPaths } from './hubspot-paths.ts'

export interface HubspotClient {
  readonly transport: Transport
  readonly paths: HubspotPaths
  place(): CallPlace
  /** One request within the general pace, unread: what writes use. */
  send(request: RawRequest): Promise<RawAnswer>
  /** A read: repeated when that may help, then JSON of any 2xx, or the refusal. Throws when there is no answer. */
  read(request: HubspotRead): Promise<ReadAnswer>
}

export interface HubspotRead {
  path: string
  /** JSON body; absent: a GET. */
  body?: unknown
  /** Searches have a limit of their own. */
  pace?: 'general' | 'search'
  signal: AbortSignal
}

export type ReadAnswer = { body: unknown; refusal?: undefined } | { refusal: HubspotError; status: number }

export interface HubspotClientOptions {
  transport: Transport
  paths: HubspotPaths
  general: TokenBucket
  search: TokenBucket
  ports: Ports
}

export function hubspotClient(options: HubspotClientOptions): HubspotClient {
  const { transport, paths, ports } = options
  const place = (): CallPlace => ({ crm: 'HubSpot', host: transport.host() })
  const sendWithin = async (bucket: TokenBucket, request: RawRequest): Promise<RawAnswer> => {
    const answer = await bucket.run(request.signal, () => transport.send(request))
    const pauseMs = windowPauseMs(answer)
    if (pauseMs !== undefined) bucket.pause(pauseMs)
    return answer
  }
  return {
    transport,
    paths,
    place,
    send: (request) => sendWithin(options.general, request),
    async read({ path, body, pace = 'general', signal }) {
      const payload = body === undefined ? {} : { body: JSON.stringify(body) }
      const method = body === undefined ? 'GET' : 'POST'
      const retry = { clock: ports.clock, random: ports.random, signal, askedWaitMs }
      const send = (): Promise<RawAnswer> =>
        sendWithin(options[pace], { purpose: 'read', method, path, ...payload, signal })
      const answer = await retryRead(retry, send).catch((error: unknown) => {
        signal.throwIfAborted()
        throw error instanceof CallFailure ? crmUnreachable(place(), error) : error
      })
      return readAnswer(answer, place())
    },
  }
}

const WINDOW_MS = 10_000

/** The ten-second window is used up: whoever sends now gets a 429. */
function windowPauseMs({ headers }: RawAnswer): number | undefined {
  if (headers['x-hubspot-ratelimit-remaining'] !== '0') return undefined
  const interval = Number(headers['x-hubspot-ratelimit-interval-milliseconds'])
  return interval > 0 ? interval : WINDOW_MS
}

function readAnswer(answer: RawAnswer, place: CallPlace): ReadAnswer {
  const { status } = answer
  const refusal = callError(answer)
  if (status === 401) throw crmAuth(place, refusal?.category ?? 'status 401')
  if (status >= 200 && status < 300) {
    const body = jsonOf(answer)
    if (body === undefined) throw crmAnswer(place, `status ${status} without JSON`)
    return { body }
  }
  const verdict = classifyCallAnswer(answer)
  if (verdict.kind === 'all' && verdict.code === QUOTA_CODE) throw crmQuota(place, `status ${status}`)
  if (verdict.kind === 'all' && verdict.code === SCOPE_CODE) throw crmScope(place, refusal?.scopes ?? [])
  if (status >= 500 || (verdict.kind === 'all' && verdict.status === 'retryable')) throw crmUnavailable(place, status)
  if (refusal === undefined) throw crmAnswer(place, `status ${status} without an error of its own`)
  return { refusal, status }
}
