import { BackfeedError } from '../../errors.ts'
import { optionalSetting, requiredSetting } from '../connection-setting.ts'
import type { DestinationOptions } from '../destination-options.ts'
import { jwtAssertion, privateKeyOf } from './jwt-assertion.ts'
import { requestSession, type Session, salesforceOrigin } from './token-endpoint.ts'

export interface SalesforceLogin {
  /** Where to log in, for messages before there is a session. */
  host: string
  open(signal: AbortSignal): Promise<Session>
  /** A new token after a 401. Absent: this kind of credentials cannot be renewed. */
  renew?: (signal: AbortSignal) => Promise<Session>
}

/** Checks the settings of one kind of login and contacts nobody. Throws E-CFG-AUTH, E-CFG-KEY, E-CFG-MISSING, E-TGT-HOST. */
export function salesforceLogin(options: DestinationOptions): SalesforceLogin {
  switch (options.auth) {
    case 'access_token':
      return fixedToken(options)
    case 'client_credentials':
      return clientCredentials(options)
    case 'jwt_bearer':
      return jwtBearer(options)
    case 'refresh_token':
      return refreshToken(options)
    default:
      throw new BackfeedError({
        code: 'E-CFG-AUTH',
        message: `connection ${options.connection}: Salesforce has no login "${options.auth}" that Backfeed uses`,
        help: 'use jwt_bearer, client_credentials, refresh_token or access_token',
      })
  }
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
  const form = {
    grant_type: 'client_credentials',
    client_id: requiredSetting(options, 'client_id'),
    client_secret: requiredSetting(options, 'client_secret'),
  }
  return tokenLogin(options, () => form)
}

/** There is no refresh token in this flow: every session begins with an assertion of its own. */
function jwtBearer(options: DestinationOptions): SalesforceLogin {
  const key = privateKeyOf(options)
  const claims = {
    clientId: requiredSetting(options, 'client_id'),
    username: requiredSetting(options, 'username'),
    audience: optionalSetting(options, 'audience') ?? loginOrigin(options),
  }
  return tokenLogin(options, () => ({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: jwtAssertion(key, { ...claims, nowMs: options.ports.clock.nowMs() }),
  }))
}

function refreshToken(options: DestinationOptions): SalesforceLogin {
  const secret = optionalSetting(options, 'client_secret')
  const client = {
    grant_type: 'refresh_token',
    client_id: requiredSetting(options, 'client_id'),
    ...(secret === undefined ? {} : { client_secret: secret }),
  }
  let current = requiredSetting(options, 'refresh_token')
  const login = tokenLogin(options, () => ({ ...client, refresh_token: current }))
  const open = async (signal: AbortSignal): Promise<Session> => {
    const session = await login.open(signal)
    current = session.refreshToken ?? current
    return session
  }
  return { host: login.host, open, renew: open }
}

function tokenLogin(options: DestinationOptions, form: () => Readonly<Record<string, string>>): SalesforceLogin {
  const origin = loginOrigin(options)
  const pinned = pinnedInstance(options)
  const open = async (signal: AbortSignal): Promise<Session> => {
    const session = await requestSession(options, { origin, form: form(), signal })
    if (pinned === undefined || pinned === session.instanceUrl) return session
    throw new BackfeedError({
      code: 'E-TGT-HOST',
      message: `connection ${options.connection}: the login leads to ${session.instanceUrl}, and instance_url says ${pinned}`,
      help: 'correct login_url or instance_url; one of the two is enough',
    })
  }
  return { host: new URL(origin).host, open, renew: open }
}

/** Beside a login_url, the instance_url says where the login must lead. */
function pinnedInstance(options: DestinationOptions): string | undefined {
  const instance = optionalSetting(options, 'instance_url')
  if (instance === undefined || optionalSetting(options, 'login_url') === undefined) return undefined
  return salesforceOrigin(options, instance)
}

function loginOrigin(options: DestinationOptions): string {
  return salesforceOrigin(options, optionalSetting(options, 'login_url') ?? requiredSetting(options, 'instance_url'))
}
