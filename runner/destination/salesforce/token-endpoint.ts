import { BackfeedError } from '../../errors.ts'
import { allowedOrigin } from '../connection-setting.ts'
import type { DestinationOptions } from '../destination-options.ts'
import { textOf } from '../raw-answer.ts'
import { requestToken } from '../token-request.ts'
import { TOKEN_ERRORS } from './token-errors.ts'

export interface Session {
  instanceUrl: string
  accessToken: string
  /** A new refresh token, where the app rotates them. */
  refreshToken?: string
}

const TOKEN_PATH = '/services/oauth2/token'

export interface SessionRequest {
  /** Origin of the login server. */
  origin: string
  form: Readonly<Record<string, string>>
  signal: AbortSignal
}

/** One login. Throws as requestToken. */
export function requestSession(
  options: DestinationOptions,
  { origin, form, signal }: SessionRequest,
): Promise<Session> {
  return requestToken(options.ports, {
    place: { crm: 'Salesforce', host: new URL(origin).host },
    url: origin + TOKEN_PATH,
    form,
    signal,
    accept: (body) => sessionOf(options, body),
    errors: TOKEN_ERRORS,
  })
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
