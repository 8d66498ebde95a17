import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import type { Org } from './org.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const GRANTS = ['client_credentials', JWT_BEARER, 'refresh_token']

/** The paths outside /services/data. undefined: not one of them. */
export function answerOauth(org: Org, request: CrmRequest): CrmResponse | undefined {
  const path = request.path.replace(/\/$/, '')
  if (path === '/services/oauth2/token') return token(org, request)
  if (path === '/services/oauth2/revoke') return { status: 200 }
  if (path === '/services/oauth2/userinfo') return withToken(request, () => userInfo(org, request))
  if (path === '/services/oauth2/introspect') return introspect(org, request)
  if (/^\/id\/[^/]+\/[^/]+$/.test(path)) return withToken(request, () => identity(org, request, path))
  return undefined
}

/** Any bearer token is accepted until a policy says otherwise; none at all is not. */
export function hasToken(request: CrmRequest): boolean {
  return /^(Bearer|OAuth)\s+\S+/i.test(request.headers.authorization ?? '')
}

export function sessionInvalid(): CrmResponse {
  return { status: 401, body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }] }
}

function token(org: Org, request: CrmRequest): CrmResponse {
  if (request.method !== 'POST') return refused('invalid_request', 'must use HTTP POST')
  const form = formOf(request)
  const grant = form.get('grant_type') ?? ''
  if (grant === 'password') return refused('invalid_grant', 'authentication failure')
  if (!GRANTS.includes(grant)) return refused('unsupported_grant_type', 'grant type not supported')
  const problem = missingCredential(grant, form, request)
  return problem ?? granted(org, request)
}

function missingCredential(grant: string, form: URLSearchParams, request: CrmRequest): CrmResponse | undefined {
  const basic = /^Basic\s+\S+/i.test(request.headers.authorization ?? '')
  const has = (name: string): boolean => (form.get(name) ?? '') !== ''
  if (grant === JWT_BEARER) {
    const parts = (form.get('assertion') ?? '').split('.')
    return parts.length === 3 ? undefined : refused('invalid_grant', 'invalid assertion')
  }
  if (!basic && !has('client_id')) return refused('invalid_client_id', 'client identifier invalid')
  if (grant === 'refresh_token')
    return has('refresh_token') ? undefined : refused('invalid_grant', 'expired access/refresh token')
  return basic || has('client_secret') ? undefined : refused('invalid_client', 'invalid client credentials')
}

// Tokens look like real ones because the official command line refuses others; nobody checks the random part.
function granted(org: Org, request: CrmRequest): CrmResponse {
  const base = baseUrl(request)
  const nowMs = org.context.clock.nowMs()
  const random = Array.from({ length: 4 }, () => Math.floor(org.context.random.next() * 36 ** 6).toString(36)).join('')
  const body = {
    access_token: `${org.id.slice(0, 15)}!Emulator.${random}`,
    signature: Buffer.from(random).toString('base64'),
    scope: 'api id',
    instance_url: base,
    id: `${base}/id/${org.id}/${org.users.api}`,
    token_type: 'Bearer',
    issued_at: String(nowMs),
  }
  return { status: 200, headers: { 'cache-control': 'no-store' }, body }
}

function introspect(org: Org, request: CrmRequest): CrmResponse {
  const exp = Math.floor(org.context.clock.nowMs() / 1000) + 7200
  const active = (formOf(request).get('token') ?? '') !== ''
  return { status: 200, body: active ? { active, scope: 'api id', token_type: 'access_token', exp } : { active } }
}

function userInfo(org: Org, request: CrmRequest): CrmResponse {
  const user = org.store.get('User', org.users.api)
  const base = baseUrl(request)
  const body = {
    sub: `${base}/id/${org.id}/${org.users.api}`,
    user_id: org.users.api,
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
  const [, , orgId, userId = ''] = path.split('/')
  const user = org.store.get('User', userId)
  if (orgId !== org.id || user === undefined) return { status: 404, body: 'Bad_Id' }
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

function withToken(request: CrmRequest, answer: () => CrmResponse): CrmResponse {
  return hasToken(request) ? answer() : { status: 403, body: 'Missing_OAuth_Token' }
}

function formOf(request: CrmRequest): URLSearchParams {
  const body = request.body.toString('utf8')
  return new URLSearchParams(body === '' ? request.query : body)
}

function baseUrl(request: CrmRequest): string {
  return `http://${request.headers.host ?? '127.0.0.1'}`
}

function refused(error: string, description: string): CrmResponse {
  return { status: 400, body: { error, error_description: description } }
}
