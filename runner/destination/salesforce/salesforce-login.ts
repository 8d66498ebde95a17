import { BackfeedError } from '../../errors.ts'
import { toCallFailure } from '../call-failure.ts'
import { allowedOrigin, optionalSetting, requiredSetting } from '../connection-setting.ts'
import { crmAuth, crmUnreachable } from '../crm-problems.ts'
import { withDeadline } from '../deadline.ts'
import type { DestinationOptions } from '../destination-options.ts'
import { isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'

export interface Session {
  instanceUrl: string
  accessToken: string
}

export interface SalesforceLogin {
  /** Where to log in, for messages before there is a session. */
  host: string
  open(signal: AbortSignal): Promise<Session>
  /** A new token after a 401. Absent: this kind of credentials cannot be renewed. */
  renew?: (signal: AbortSignal) => Promise<Session>
}

const TOKEN_PATH = '/services/oauth2/token'
const TOKEN_DEADLINE_MS = 30_000

export function salesforceLogin(options: DestinationOptions): SalesforceLogin {
  if (options.auth === 'access_token') return fixedToken(options)
  if (options.auth === 'client_credentials') return clientCredentials(options)
  throw new BackfeedError({
    code: 'E-CFG-NOTYET',
    message: `connection ${options.connection}: auth ${options.auth} is not supported yet`,
    help: 'use access_token or client_credentials',
  })
}

function salesforceOrigin(options: DestinationOptions, address: string): string {
  const origin = allowedOrigin(options, { crm: 'salesforce', address })
  if (!new URL(origin).hostname.endsWith('.lightning.force.com')) return origin
  throw new BackfeedError({
    code: 'E-TGT-HOST',
    message: `connection ${options.connection}: a lightning.force.com address is for browsers, not for the API`,
    help: 'use the same name with .my.salesforce.com instead of .lightning.force.com',
  })
}

function fixedToken(options: DestinationOptions): SalesforceLogin {
  const session = {
    instanceUrl: salesforceOrigin(options, requiredSetting(options, 'instance_url')),
    accessToken: requiredSetting(options, 'access_token'),
  }
  return { host: new URL(session.instanceUrl).host, open: async () => session }
}

/** The token endpoint of the org's own My Domain; generic login hosts refuse this grant. */
function clientCredentials(options: DestinationOptions): SalesforceLogin {
  const address = optionalSetting(options, 'login_url') ?? requiredSetting(options, 'instance_url')
  const origin = salesforceOrigin(options, address)
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: requiredSetting(options, 'client_id'),
    client_secret: requiredSetting(options, 'client_secret'),
  }).toString()
  const open = (signal: AbortSignal): Promise<Session> => requestToken(options, { origin, form, signal })
  return { host: new URL(origin).host, open, renew: open }
}

interface TokenRequest {
  origin: string
  form: string
  signal: AbortSignal
}

async function requestToken(options: DestinationOptions, request: TokenRequest): Promise<Session> {
  const place = { crm: 'Salesforce' as const, host: new URL(request.origin).host }
  const answer = await postForm(options, request).catch((error: unknown) => {
    throw crmUnreachable(place, toCallFailure(error))
  })
  const body = jsonOf(answer)
  const token = isRecord(body) ? textOf(body.access_token) : undefined
  const instanceUrl = isRecord(body) ? textOf(body.instance_url) : undefined
  if (answer.status !== 200 || token === undefined || instanceUrl === undefined) {
    const code = isRecord(body) ? textOf(body.error) : undefined
    throw crmAuth(place, `token endpoint: ${/^[\w-]{1,60}$/.test(code ?? '') ? code : `status ${answer.status}`}`)
  }
  return { instanceUrl: salesforceOrigin(options, instanceUrl), accessToken: token }
}

function postForm(options: DestinationOptions, request: TokenRequest): Promise<RawAnswer> {
  const { clock, http } = options.ports
  return withDeadline({ clock, ms: TOKEN_DEADLINE_MS, signal: request.signal }, async (signal) => {
    const response = await http(request.origin + TOKEN_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: request.form,
      redirect: 'manual',
      signal,
    })
    return { status: response.status, headers: {}, text: await response.text() }
  })
}
