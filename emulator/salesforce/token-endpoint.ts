import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import { type Assertion, isOwnAudience, isSignedBy, readAssertion } from './jwt-assertion.ts'
import { baseUrl, formOf } from './oauth-request.ts'
import type { Org } from './org.ts'
import type { AppPolicy } from './policies/org-policies.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

type Grant = { userId: string; clientId: string | undefined }
type Decision = { grant: Grant } | { refusal: CrmResponse }

interface TokenCall {
  org: Org
  request: CrmRequest
  form: URLSearchParams
  client: { id: string; secret: string }
}

/** POST /services/oauth2/token */
export function tokenEndpoint(org: Org, request: CrmRequest): CrmResponse {
  if (request.method !== 'POST') return refused('invalid_request', 'must use HTTP POST').refusal
  const form = formOf(request)
  const decision = decide({ org, request, form, client: clientOf(request, form) })
  return 'refusal' in decision ? decision.refusal : granted(org, request, decision.grant)
}

function decide(call: TokenCall): Decision {
  const grant = call.form.get('grant_type') ?? ''
  switch (grant) {
    case JWT_BEARER:
      return byAssertion(call)
    case 'client_credentials':
      return byCredentials(call)
    case 'refresh_token':
      return byRefreshToken(call)
    case 'password':
      return refused('invalid_grant', 'authentication failure')
    default:
      return refused('unsupported_grant_type', 'grant type not supported')
  }
}

function byAssertion({ org, request, form }: TokenCall): Decision {
  const text = form.get('assertion') ?? ''
  const assertion = readAssertion(text)
  const { apps } = org.policies.current.auth
  if (assertion === undefined) {
    // Without registered apps nothing can be verified, and any text of three parts has always been a log-in.
    if (apps.length > 0 || text.split('.').length !== 3) return refused('invalid_grant', 'invalid assertion')
    return { grant: { userId: org.users.api, clientId: undefined } }
  }
  const app = apps.find((one) => one.client_id === assertion.issuer)
  if (apps.length > 0 && app === undefined) return refused('invalid_client_id', 'client identifier invalid')
  return (
    appRefusal(app) ?? assertionRefusal(assertion, { app, base: baseUrl(request) }) ?? assertedUser(org, assertion, app)
  )
}

function assertionRefusal(
  assertion: Assertion,
  { app, base }: { app: AppPolicy | undefined; base: string },
): Decision | undefined {
  // Clients sign by their own clock, which the control plane cannot move: not virtual time.
  if (!(assertion.expiresAtMs > Date.now())) return refused('invalid_grant', 'expired authorization code')
  if (app === undefined) return undefined
  if (!isOwnAudience(assertion.audience, base)) return refused('invalid_grant', 'audience is invalid')
  const signed = app.public_key !== undefined && isSignedBy(assertion, app.public_key)
  return signed ? undefined : refused('invalid_grant', 'invalid assertion')
}

function assertedUser(org: Org, { subject, issuer }: Assertion, app: AppPolicy | undefined): Decision {
  const user = org.userNamed(subject)
  if (user !== undefined) return actingAs(org, user, issuer)
  if (app !== undefined) return refused('invalid_grant', "user hasn't approved this consumer")
  return actingAs(org, org.users.api, issuer)
}

function byCredentials({ org, client }: TokenCall): Decision {
  if (client.id === '') return refused('invalid_client_id', 'client identifier invalid')
  const { apps } = org.policies.current.auth
  const app = apps.find((one) => one.client_id === client.id)
  if (apps.length > 0 && app === undefined) return refused('invalid_client_id', 'client identifier invalid')
  const secretFits = app === undefined ? client.secret !== '' : client.secret === app.client_secret
  if (!secretFits) return refused('invalid_client', 'invalid client credentials')
  return appRefusal(app) ?? runAs(org, app, client.id)
}

function byRefreshToken({ org, form, client }: TokenCall): Decision {
  if (client.id === '') return refused('invalid_client_id', 'client identifier invalid')
  const { apps } = org.policies.current.auth
  const app = apps.find((one) => one.client_id === client.id)
  if (apps.length > 0 && app === undefined) return refused('invalid_client_id', 'client identifier invalid')
  const given = form.get('refresh_token') ?? ''
  const known = app === undefined ? given !== '' : (app.refresh_tokens ?? []).includes(given)
  if (!known) return refused('invalid_grant', 'expired access/refresh token')
  const wrongSecret = app?.client_secret !== undefined && client.secret !== '' && client.secret !== app.client_secret
  if (wrongSecret) return refused('invalid_client', 'invalid client credentials')
  return appRefusal(app) ?? runAs(org, app, client.id)
}

function appRefusal(app: AppPolicy | undefined): Decision | undefined {
  if (app?.installed !== false) return undefined
  return refused('app_not_found', 'External client app is not installed in this org')
}

function runAs(org: Org, app: AppPolicy | undefined, clientId: string): Decision {
  if (app?.run_as === undefined) return actingAs(org, org.users.api, clientId)
  const user = org.userNamed(app.run_as)
  if (user === undefined) return refused('invalid_grant', 'no client credentials user enabled')
  return actingAs(org, user, clientId)
}

function actingAs(org: Org, userId: string, clientId: string): Decision {
  if (!org.isActive(userId)) return refused('inactive_user', 'user is inactive')
  return { grant: { userId, clientId } }
}

function granted(org: Org, request: CrmRequest, grant: Grant): CrmResponse {
  const base = baseUrl(request)
  const { token, random } = org.sessions.issue(org.id, grant)
  const body = {
    access_token: token,
    signature: Buffer.from(random).toString('base64'),
    scope: 'api id',
    instance_url: base,
    id: `${base}/id/${org.id}/${grant.userId}`,
    token_type: 'Bearer',
    issued_at: String(org.context.clock.nowMs()),
  }
  return { status: 200, headers: { 'cache-control': 'no-store' }, body }
}

/** From the form, or as HTTP basic authentication. */
function clientOf(request: CrmRequest, form: URLSearchParams): TokenCall['client'] {
  const basic = /^Basic\s+(\S+)/i.exec(request.headers.authorization ?? '')?.[1]
  if (basic === undefined) return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' }
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  return { id, secret }
}

function refused(error: string, description: string): { refusal: CrmResponse } {
  return { refusal: { status: 400, body: { error, error_description: description } } }
}
