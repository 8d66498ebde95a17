import { BackfeedError } from '../../errors.ts'
import { requiredSetting } from '../connection-setting.ts'
import type { DestinationOptions } from '../destination-options.ts'
import { textOf } from '../raw-answer.ts'
import { requestToken } from '../token-request.ts'
import { TOKEN_PATHS } from './hubspot-paths.ts'
import { HUBSPOT_TOKEN_ERRORS } from './hubspot-token-errors.ts'

export interface HubspotLogin {
  /** The token to send now; a new one when the last is about to end. Parallel calls share one request for it. */
  token(signal: AbortSignal): Promise<string>
  /** After a 401: a token other than the refused one. Absent: these credentials cannot be renewed. */
  renew?: (refused: string, signal: AbortSignal) => Promise<string>
  /** Client id and secret, for looking at a token; absent where there is no app of one's own. */
  app?: Readonly<Record<'client_id' | 'client_secret', string>>
}

/** Checks the settings of one kind of login and contacts nobody. Throws E-CFG-AUTH, E-CFG-MISSING. */
export function hubspotLogin(options: DestinationOptions, origin: string): HubspotLogin {
  switch (options.auth) {
    case 'access_token': {
      const fixed = requiredSetting(options, 'access_token')
      return { token: async () => fixed }
    }
    case 'refresh_token':
      return refreshedLogin(options, origin)
    default:
      throw new BackfeedError({
        code: 'E-CFG-AUTH',
        message: `connection ${options.connection}: HubSpot has no login "${options.auth}" that Backfeed uses`,
        help: 'use access_token (a service key or the token of a private app) or refresh_token (OAuth)',
      })
  }
}

interface Token {
  text: string
  /** By the monotonic clock. */
  endsMs: number
}

/** A token is renewed this long before it ends, so that no request arrives with an old one … */
const MARGIN_MS = 60_000
/** … or at this share of its life when that is shorter. */
const MARGIN_SHARE = 0.2

function refreshedLogin(options: DestinationOptions, origin: string): HubspotLogin {
  const { clock } = options.ports
  const app = {
    client_id: requiredSetting(options, 'client_id'),
    client_secret: requiredSetting(options, 'client_secret'),
  }
  let refreshToken = requiredSetting(options, 'refresh_token')
  let current: Token | undefined
  let underway: Promise<Token> | undefined

  /** Not cut off with the call that asked for it: others wait for the same answer. */
  async function refresh(): Promise<Token> {
    const askedMs = clock.monotonicMs()
    const asking = requestToken(options.ports, {
      place: { crm: 'HubSpot', host: new URL(origin).host },
      url: origin + TOKEN_PATHS.refresh,
      form: { grant_type: 'refresh_token', ...app, refresh_token: refreshToken },
      signal: new AbortController().signal,
      accept: grantOf,
      errors: HUBSPOT_TOKEN_ERRORS,
    })
    options.ports.crashPoints.at('CP28')
    const answer = await asking
    refreshToken = answer.refreshToken ?? refreshToken
    const margin = Math.min(MARGIN_MS, answer.lifeMs * MARGIN_SHARE)
    current = { text: answer.accessToken, endsMs: askedMs + answer.lifeMs - margin }
    return current
  }

  function shared(): Promise<Token> {
    underway ??= refresh().finally(() => {
      underway = undefined
    })
    return underway
  }

  return {
    app,
    async token(signal) {
      signal.throwIfAborted()
      if (current !== undefined && clock.monotonicMs() < current.endsMs) return current.text
      return (await shared()).text
    },
    async renew(refused, signal) {
      signal.throwIfAborted()
      // Another call has met the same 401 and renewed it already.
      if (current !== undefined && current.text !== refused) return current.text
      return (await shared()).text
    },
  }
}

interface Grant {
  accessToken: string
  lifeMs: number
  refreshToken?: string
}

/** Documented life of an access token; an answer without `expires_in` has not been seen. */
const USUAL_LIFE_S = 1_800

function grantOf(body: Readonly<Record<string, unknown>>): Grant | undefined {
  const accessToken = textOf(body.access_token)
  if (accessToken === undefined || accessToken === '') return undefined
  const seconds = Number(body.expires_in)
  const refreshToken = textOf(body.refresh_token)
  return {
    accessToken,
    lifeMs: (seconds > 0 ? seconds : USUAL_LIFE_S) * 1_000,
    ...(refreshToken === undefined ? {} : { refreshToken }),
  }
}
