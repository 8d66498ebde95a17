import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import type { Portal } from './portal.ts'
import { RequestRefused } from './request-refused.ts'
import { grantedScopes } from './required-scopes.ts'

/** Token endpoints, v1 to dated. Undefined: no such route. None of them wants a bearer token. */
export function handleOauth(portal: Portal, { method, path, body }: CrmRequest): CrmResponse | undefined {
  if (method === 'POST' && /^\/oauth\/(v1|v3|2026-0[39])\/token$/.test(path)) {
    return token(portal, new URLSearchParams(body.toString('utf8')))
  }
  if (method === 'POST' && /^\/oauth\/(v3|2026-0[39])\/token\/introspect$/.test(path)) {
    return introspect(portal, new URLSearchParams(body.toString('utf8')))
  }
  const looked = /^\/oauth\/v1\/access-tokens\/([^/]+)$/.exec(path)
  if (method === 'GET' && looked !== null) return tokenInfo(portal, decodeURIComponent(looked[1] ?? ''))
  if (method === 'POST' && path === '/oauth/v2/private-apps/get/access-token-info') {
    return privateAppInfo(portal, body.toString('utf8'))
  }
  return undefined
}

function token(portal: Portal, form: URLSearchParams): CrmResponse {
  const grant = form.get('grant_type') ?? ''
  const { oauth, token_expires_in_s } = portal.policies.auth
  if (grant !== 'refresh_token' && grant !== 'authorization_code') {
    throw refused('unsupported_grant_type', 'BAD_GRANT_TYPE', 'missing or unknown grant type')
  }
  requireClient(portal, form)
  const given = form.get(grant === 'refresh_token' ? 'refresh_token' : 'code') ?? ''
  if (grant === 'refresh_token' && !isGranted(portal, given)) {
    throw refused('invalid_grant', 'BAD_REFRESH_TOKEN', 'missing or invalid refresh token')
  }
  const refreshToken = grant === 'refresh_token' ? given : (oauth?.refresh_tokens[0] ?? 'emulated-refresh-token')
  const access = portal.tokens.issue(token_expires_in_s)
  const body = { token_type: 'bearer', refresh_token: refreshToken, access_token: access }
  return { status: 200, body: { ...body, expires_in: token_expires_in_s, hub_id: portal.portalId } }
}

function requireClient({ policies }: Portal, form: URLSearchParams): void {
  const { oauth } = policies.auth
  if (oauth === undefined) return
  if (oauth.client_id !== form.get('client_id')) {
    throw refused('invalid_client', 'BAD_CLIENT_ID', 'missing or unknown client id')
  }
  if (oauth.client_secret !== form.get('client_secret')) {
    throw refused('invalid_client', 'BAD_CLIENT_SECRET', 'missing or invalid client secret')
  }
}

/** Access tokens only. One that has ended, or was never issued, is `{active: false}`. */
function introspect(portal: Portal, form: URLSearchParams): CrmResponse {
  requireClient(portal, form)
  const token = form.get('token') ?? ''
  const leftMs = (portal.tokens.expiresAtMs(token) ?? 0) - portal.context.clock.nowMs()
  if (leftMs <= 0) return { status: 200, body: { active: false } }
  const body = {
    token_use: 'access_token',
    active: true,
    token,
    hub_id: portal.portalId,
    user_id: 1,
    client_id: form.get('client_id') ?? '',
    app_id: 1,
    scopes: grantedScopes(portal.policies.auth),
    expires_in: Math.floor(leftMs / 1000),
    is_private_distribution: true,
    token_type: 'bearer',
  }
  return { status: 200, body }
}

function isGranted({ policies, tokens }: Portal, refreshToken: string): boolean {
  if (tokens.grantRevoked || refreshToken === '') return false
  return policies.auth.oauth?.refresh_tokens.includes(refreshToken) ?? true
}

/** Old and new endpoint name the reason in different members; both are in the body. */
function refused(error: string, status: string, message: string): RequestRefused {
  return new RequestRefused({ status: 400, message, more: { status, error, error_description: message } })
}

function tokenInfo(portal: Portal, given: string): CrmResponse {
  const nowMs = portal.context.clock.nowMs()
  const expiresAtMs = portal.tokens.expiresAtMs(given)
  if (expiresAtMs === undefined || expiresAtMs <= nowMs) {
    throw new RequestRefused({
      status: 404,
      message: 'access token is expired or unknown',
      category: 'OBJECT_NOT_FOUND',
    })
  }
  const body = { token: given, hub_id: portal.portalId, app_id: 1, user_id: 1, token_type: 'access' }
  const scopes = grantedScopes(portal.policies.auth)
  return { status: 200, body: { ...body, scopes, expires_in: Math.floor((expiresAtMs - nowMs) / 1000) } }
}

function privateAppInfo(portal: Portal, text: string): CrmResponse {
  const key: unknown = JSON.parse(text === '' ? '{}' : text).tokenKey
  portal.tokens.require(`Bearer ${String(key ?? '')}`, portal.policies.auth)
  return {
    status: 200,
    body: { userId: 1, hubId: portal.portalId, appId: 1, scopes: grantedScopes(portal.policies.auth) },
  }
}
