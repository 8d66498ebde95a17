import { BackfeedError } from '../../errors.ts'
import { toCallFailure } from '../call-failure.ts'
import { allowedOrigin } from '../connection-setting.ts'
import { type CallPlace, crmAnswer, crmAuth, crmUnavailable, crmUnreachable } from '../crm-problems.ts'
import { withDeadline } from '../deadline.ts'
import type { DestinationOptions } from '../destination-options.ts'
import { isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'
import { explainTokenError } from './token-errors.ts'

export interface Session {
  instanceUrl: string
  accessToken: string
  /** A new refresh token, where the app rotates them. */
  refreshToken?: string
}

const TOKEN_PATH = '/services/oauth2/token'
const TOKEN_DEADLINE_MS = 30_000

export interface TokenRequest {
  /** Origin of the login server. */
  origin: string
  form: Readonly<Record<string, string>>
  signal: AbortSignal
}

/** One request to the token endpoint. Throws E-CRM-AUTH with what to do, E-CRM-UNAVAILABLE, E-CRM-UNREACHABLE or E-CRM-ANSWER. */
export async function requestToken(options: DestinationOptions, request: TokenRequest): Promise<Session> {
  const place: CallPlace = { crm: 'Salesforce', host: new URL(request.origin).host }
  const answer = await postForm(options, request).catch((error: unknown) => {
    request.signal.throwIfAborted()
    throw crmUnreachable(place, toCallFailure(error))
  })
  const body = jsonOf(answer)
  const session = answer.status === 200 && isRecord(body) ? sessionOf(options, body) : undefined
  if (session !== undefined) return session
  throw refusal(answer, place)
}

function sessionOf(options: DestinationOptions, body: Readonly<Record<string, unknown>>): Session | undefined {
  const accessToken = textOf(body.access_token)
  const instanceUrl = textOf(body.instance_url)
  if (accessToken === undefined || instanceUrl === undefined) return undefined
  const refreshToken = textOf(body.refresh_token)
  return {
    instanceUrl: salesforceOrigin(options, instanceUrl),
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
  }
}

function refusal(answer: RawAnswer, place: CallPlace): BackfeedError {
  const { status } = answer
  if (status === 429 || status >= 500) return crmUnavailable(place, status)
  if (status >= 300 && status < 400) return crmAnswer(place, `the login with a redirect (status ${status})`)
  const body = jsonOf(answer)
  if (!isRecord(body)) return crmAnswer(place, `the login with status ${status} and no JSON`)
  const error = textOf(body.error) ?? ''
  const known = explainTokenError(error, textOf(body.error_description) ?? '')
  const code = /^[\w-]{1,60}$/.test(error) ? error : `status ${status}`
  return crmAuth(place, `token endpoint: ${code}${known === undefined ? '' : `, ${known.means}`}`, known?.help)
}

function postForm(options: DestinationOptions, request: TokenRequest): Promise<RawAnswer> {
  const { clock, http } = options.ports
  return withDeadline({ clock, ms: TOKEN_DEADLINE_MS, signal: request.signal }, async (signal) => {
    const response = await http(request.origin + TOKEN_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams(request.form).toString(),
      redirect: 'manual',
      signal,
    })
    return { status: response.status, headers: {}, text: await response.text() }
  })
}

/** An address of Salesforce that takes API calls. Throws E-TGT-HOST. */
export function salesforceOrigin(options: DestinationOptions, address: string): string {
  const origin = allowedOrigin(options, { crm: 'salesforce', address })
  if (!new URL(origin).hostname.endsWith('.lightning.force.com')) return origin
  throw new BackfeedError({
    code: 'E-TGT-HOST',
    message: `connection ${options.connection}: a lightning.force.com address is for browsers, not for the API`,
    help: 'use the same name with .my.salesforce.com instead of .lightning.force.com',
  })
}
