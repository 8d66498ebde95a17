import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import { baseUrl, bearerOf, formOf } from './oauth-request.ts'
import type { Org } from './org.ts'
import { canonicalId } from './record-id.ts'
import { tokenEndpoint } from './token-endpoint.ts'

/** The paths outside /services/data. undefined: not one of them. */
export function answerOauth(org: Org, request: CrmRequest): CrmResponse | undefined {
  const path = request.path.replace(/\/$/, '')
  if (path === '/services/oauth2/token') return tokenEndpoint(org, request)
  if (path === '/services/oauth2/revoke') return revoke(org, request)
  if (path === '/services/oauth2/userinfo') return withToken(org, request, (userId) => userInfo(org, request, userId))
  if (path === '/services/oauth2/introspect') return introspect(org, request)
  if (/^\/id\/[^/]+\/[^/]+$/.test(path)) return withToken(org, request, () => identity(org, request, path))
  return undefined
}

function introspect(org: Org, request: CrmRequest): CrmResponse {
  const token = formOf(request).get('token') ?? ''
  const session = token === '' ? undefined : org.sessions.look(token)
  if (session === undefined) return { status: 200, body: { active: false } }
  const userId = session.userId ?? org.users.api
  const seconds = (ms: number): number => Math.floor(ms / 1000)
  const body = {
    active: true,
    scope: 'api id',
    client_id: session.clientId ?? null,
    username: org.store.get('User', userId)?.fields.Username,
    sub: `${baseUrl(request)}/id/${org.id}/${userId}`,
    token_type: 'access_token',
    exp: seconds(session.usedAtMs + org.policies.current.auth.session_timeout_ms),
    iat: seconds(session.issuedAtMs),
    nbf: seconds(session.issuedAtMs),
  }
  return { status: 200, body }
}

function revoke(org: Org, request: CrmRequest): CrmResponse {
  const token = formOf(request).get('token') ?? ''
  if (token === '' || org.sessions.look(token) === undefined) {
    return { status: 400, body: { error: 'invalid_token', error_description: 'invalid token' } }
  }
  org.sessions.end(token)
  return { status: 200 }
}

function userInfo(org: Org, request: CrmRequest, userId: string): CrmResponse {
  const user = org.store.get('User', userId)
  const base = baseUrl(request)
  const body = {
    sub: `${base}/id/${org.id}/${userId}`,
    user_id: userId,
    organization_id: org.id,
    preferred_username: user?.fields.Username,
    nickname: user?.fields.Alias,
    name: user?.fields.Name,
    email: user?.fields.Email,
    email_verified: true,
    given_name: user?.fields.FirstName,
    family_name: user?.fields.LastName,
    zoneinfo: 'UTC',
    locale: 'en_US',
    language: 'en_US',
    active: true,
    user_type: 'STANDARD',
    urls: urls(base, org),
  }
  return { status: 200, body }
}

function identity(org: Org, request: CrmRequest, path: string): CrmResponse {
  const [, , orgId = '', given = ''] = path.split('/')
  const userId = canonicalId(given) ?? ''
  const user = org.store.get('User', userId)
  if (canonicalId(orgId) !== org.id || user === undefined) return { status: 404, body: 'Bad_Id' }
  const base = baseUrl(request)
  const body = {
    id: `${base}${path}`,
    asserted_user: true,
    user_id: userId,
    organization_id: org.id,
    username: user.fields.Username,
    nick_name: user.fields.Alias,
    display_name: user.fields.Name,
    email: user.fields.Email,
    email_verified: true,
    first_name: user.fields.FirstName,
    last_name: user.fields.LastName,
    timezone: 'UTC',
    active: true,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_US',
    utcOffset: 0,
    urls: urls(base, org),
  }
  return { status: 200, body }
}

function urls(base: string, org: Org): Record<string, string> {
  return {
    rest: `${base}/services/data/v{version}/`,
    sobjects: `${base}/services/data/v{version}/sobjects/`,
    query: `${base}/services/data/v{version}/query/`,
    custom_domain: base,
    profile: `${base}/${org.users.api}`,
  }
}

function withToken(org: Org, request: CrmRequest, answer: (userId: string) => CrmResponse): CrmResponse {
  const token = bearerOf(request)
  if (token === undefined) return { status: 403, body: 'Missing_OAuth_Token' }
  const session = org.sessions.use(token)
  return session === undefined ? { status: 403, body: 'Bad_OAuth_Token' } : answer(session.userId ?? org.users.api)
}
