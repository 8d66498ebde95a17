import type { Ports } from '../../ports.ts'
import type { Limit } from '../../project/project.ts'
import { CallFailure } from '../call-failure.ts'
import {
  type CallPlace,
  crmAnswer,
  crmAuth,
  crmClosed,
  crmLater,
  crmQuota,
  crmScope,
  crmUnavailable,
  crmUnreachable,
} from '../crm-problems.ts'
import { type ApiBudget, apiBudget, type OrgCalls } from '../pacing/api-budget.ts'
import type { RateWindow } from '../pacing/rate-window.ts'
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
import { dailyCalls, windowLimits } from './limit-headers.ts'
import { nextMidnightMs } from './quota-day.ts'

export interface HubspotClient {
  readonly transport: Transport
  readonly paths: HubspotPaths
  /** The account's calls of the day as of the latest answer; OAuth apps are not told. */
  readonly budget: ApiBudget
  /** The account's time zone, once known: its day begins there. */
  readonly account: { timeZone?: string }
  place(): CallPlace
  /** From when a run may go on that HubSpot stopped for longer than a run waits. */
  resumes(verdict: Pause): { waitMs: number; again: string }
  /** One request within the general pace, unread: what writes use. Throws E-CRM-QUOTA when the budget is used. */
  send(request: RawRequest): Promise<RawAnswer>
  /** A read: repeated when that may help, then JSON of any 2xx, or the refusal. Throws when there is no answer. */
  read(request: HubspotRead): Promise<ReadAnswer>
}

/** Of a verdict. */
export interface Pause {
  code: string
  retryAfterMs?: number
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

/** How many at once and per second the user allows, and how many per window HubSpot takes. */
export interface Pace {
  bucket: TokenBucket
  window: RateWindow
}

export interface HubspotClientOptions {
  transport: Transport
  paths: HubspotPaths
  general: Pace
  search: Pace
  ports: Pick<Ports, 'clock' | 'random'>
  dailyApiBudget?: Limit
}

export function hubspotClient(options: HubspotClientOptions): HubspotClient {
  const { transport, paths, ports } = options
  const account: HubspotClient['account'] = {}
  const place = (): CallPlace => ({ crm: 'HubSpot', host: transport.host() })
  const resumes: HubspotClient['resumes'] = (pause) => resumption(pause, { nowMs: ports.clock.nowMs(), ...account })
  const again = (): string => resumes({ code: QUOTA_CODE }).again
  const budget = apiBudget(options.dailyApiBudget, { place, period: 'the day', again })

  async function sendWithin({ bucket, window }: Pace, request: RawRequest): Promise<RawAnswer> {
    const call = (): Promise<RawAnswer> => withinBudget(budget, () => transport.send(request))
    const answer = await bucket.run(request.signal, () => window.run(request.signal, call))
    window.learn(windowLimits(answer.headers))
    // Whoever waits at the pace waits too.
    if (answer.status === 429) window.pause(Math.min(askedWaitMs(answer) ?? 0, LONGEST_PAUSE_MS))
    return answer
  }

  return {
    transport,
    paths,
    budget,
    account,
    place,
    resumes,
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
      return readAnswer(answer, { place: place(), resumes })
    },
  }
}

/** What waits longer ends the run, and with it the pause. */
const LONGEST_PAUSE_MS = 15_000

const UNTOLD_WAIT_MS = 3_600_000

function resumption(
  { code, retryAfterMs = UNTOLD_WAIT_MS }: Pause,
  { nowMs, timeZone }: { nowMs: number; timeZone?: string },
): { waitMs: number; again: string } {
  const quota = code === QUOTA_CODE
  const untilMs = quota ? nextMidnightMs(nowMs, timeZone ?? 'UTC') : nowMs + retryAfterMs
  const at = new Date(untilMs).toISOString().replace(/\.\d+Z$/, 'Z')
  const midnight = quota ? `, midnight in ${timeZone ?? 'UTC'}` : ''
  return { waitMs: untilMs - nowMs, again: `after ${at}${midnight}` }
}

async function withinBudget(budget: ApiBudget, call: () => Promise<RawAnswer>): Promise<RawAnswer> {
  budget.take()
  let told: OrgCalls | undefined
  try {
    const answer = await call()
    told = dailyCalls(answer.headers)
    return answer
  } finally {
    budget.settle(told)
  }
}

interface ReadPlace {
  place: CallPlace
  resumes: HubspotClient['resumes']
}

function readAnswer(answer: RawAnswer, { place, resumes }: ReadPlace): ReadAnswer {
  const { status } = answer
  const refusal = callError(answer)
  if (status === 401) throw crmAuth(place, refusal?.category ?? 'status 401', TOKEN_HELP)
  if (status >= 200 && status < 300) {
    const body = jsonOf(answer)
    if (body === undefined) throw crmAnswer(place, `status ${status} without JSON`)
    return { body }
  }
  const judged = classifyCallAnswer(answer)
  if (judged.kind === 'all' && judged.verdict.status === 'retryable') {
    const { code, stops, means = code } = judged.verdict
    if (code === QUOTA_CODE) throw crmQuota(place, means, resumes(judged.verdict).again)
    if (code === SCOPE_CODE) throw crmScope(place, refusal?.scopes ?? [])
    if (stops === 'later') throw crmLater(place, means, resumes(judged.verdict).again)
    if (stops === 'access') throw crmClosed(place, code)
    if (stops === undefined) throw crmUnavailable(place, status)
  }
  if (status >= 500) throw crmUnavailable(place, status)
  if (refusal === undefined) throw crmAnswer(place, `status ${status} without an error of its own`)
  return { refusal, status }
}

export const TOKEN_HELP =
  'check that the key is complete, was not rotated or deleted, and belongs to this account (Development > Keys, or the Auth tab of the app)'
