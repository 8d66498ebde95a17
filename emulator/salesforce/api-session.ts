import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import { bearerOf } from './oauth-request.ts'
import type { Org } from './org.ts'
import type { SessionError } from './policies/org-policies.ts'

const REFUSALS: Readonly<Record<SessionError, string>> = {
  expired: 'Session expired or invalid',
  // Clients must not refresh on these two: a new token is refused the same way.
  not_valid_for_rest: 'This session is not valid for use with the REST API',
  app_not_attached: 'Connected app is not attached to Agent',
}

/** The user a request acts as; undefined where its token does not work. */
export function userOf(org: Org, request: CrmRequest): string | undefined {
  const { session_error } = org.policies.current.auth
  const token = bearerOf(request)
  if (token === undefined || session_error !== 'expired') return undefined
  const session = org.sessions.use(token)
  if (session === undefined) return undefined
  const userId = session.userId ?? org.users.api
  return org.isActive(userId) ? userId : undefined
}

export function sessionInvalid(org: Org): CrmResponse {
  const message = REFUSALS[org.policies.current.auth.session_error]
  return { status: 401, body: [{ message, errorCode: 'INVALID_SESSION_ID' }] }
}
