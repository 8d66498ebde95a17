import type { BackfeedError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import { toCallFailure } from './call-failure.ts'
import { type CallPlace, crmAnswer, crmAuth, crmUnavailable, crmUnreachable } from './crm-problems.ts'
import { withDeadline } from './deadline.ts'
import { isRecord, jsonOf, type RawAnswer, textOf } from './raw-answer.ts'

/** What an error of a token endpoint means and what to do. The description is only matched, never shown: it may quote what was sent. */
export interface TokenError {
  error: string
  says?: RegExp
  means: string
  help: string
}

export interface TokenRequest<T> {
  place: CallPlace
  url: string
  form: Readonly<Record<string, string>>
  signal: AbortSignal
  /** What a 200 brings; undefined when it is not that. */
  accept: (body: Readonly<Record<string, unknown>>) => T | undefined
  errors: readonly TokenError[]
}

const DEADLINE_MS = 30_000

/** One request to a token endpoint. Throws E-CRM-AUTH with what to do, E-CRM-UNAVAILABLE, E-CRM-UNREACHABLE or E-CRM-ANSWER. */
export async function requestToken<T>(ports: Pick<Ports, 'clock' | 'http'>, request: TokenRequest<T>): Promise<T> {
  const answer = await postForm(ports, request).catch((error: unknown) => {
    request.signal.throwIfAborted()
    throw crmUnreachable(request.place, toCallFailure(error))
  })
  const body = jsonOf(answer)
  const accepted = answer.status === 200 && isRecord(body) ? request.accept(body) : undefined
  if (accepted !== undefined) return accepted
  throw refusal(answer, request)
}

function refusal(answer: RawAnswer, { place, errors }: TokenRequest<unknown>): BackfeedError {
  const { status } = answer
  if (status === 429 || status >= 500) return crmUnavailable(place, status)
  if (status >= 300 && status < 400) return crmAnswer(place, `the login with a redirect (status ${status})`)
  const body = jsonOf(answer)
  if (!isRecord(body)) return crmAnswer(place, `the login with status ${status} and no JSON`)
  const error = errorName(body)
  const known = explainTokenError(errors, error, textOf(body.error_description) ?? textOf(body.message) ?? '')
  const code = /^[\w-]{1,60}$/.test(error) ? error : `status ${status}`
  return crmAuth(place, `token endpoint: ${code}${known === undefined ? '' : `, ${known.means}`}`, known?.help)
}

/** OAuth says `error`; HubSpot's older endpoint puts its own name into `status`. */
function errorName(body: Readonly<Record<string, unknown>>): string {
  const status = textOf(body.status)
  return textOf(body.error) ?? (status === undefined || status === 'error' ? textOf(body.category) : status) ?? ''
}

export function explainTokenError(
  errors: readonly TokenError[],
  error: string,
  description: string,
): TokenError | undefined {
  return errors.find((known) => known.error === error && (known.says?.test(description) ?? true))
}

function postForm(
  { clock, http }: Pick<Ports, 'clock' | 'http'>,
  request: Pick<TokenRequest<unknown>, 'url' | 'form' | 'signal'>,
): Promise<RawAnswer> {
  return withDeadline({ clock, ms: DEADLINE_MS, signal: request.signal }, async (signal) => {
    const response = await http(request.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams(request.form).toString(),
      redirect: 'manual',
      signal,
    })
    return { status: response.status, headers: {}, text: await response.text() }
  })
}
