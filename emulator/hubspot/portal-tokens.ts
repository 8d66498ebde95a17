import type { CrmContext } from '../core/crm.ts'
import type { AuthPolicy } from './policies/portal-policies.ts'
import { RequestRefused, seededUuid } from './request-refused.ts'

export interface TokensSnapshot {
  issued: [string, number][]
  revoked: string[]
  grantRevoked: boolean
}

/** Access tokens of the account: those OAuth has issued, with their expiry on the virtual clock, and those taken back. */
export class PortalTokens {
  readonly #context: CrmContext
  /** Token to the time it expires. */
  #issued = new Map<string, number>()
  #revoked = new Set<string>()
  /** Somebody has disconnected the app: no refresh token works. */
  grantRevoked = false

  constructor(context: CrmContext) {
    this.#context = context
  }

  issue(expiresInS: number): string {
    const token = `emulated-${seededUuid(this.#context.random)}`
    this.#issued.set(token, this.#context.clock.nowMs() + expiresInS * 1000)
    return token
  }

  expiresAtMs(token: string): number | undefined {
    return this.#issued.get(token)
  }

  /** All issued tokens, or one of any kind. */
  expire(token?: string): void {
    const nowMs = this.#context.clock.nowMs()
    if (token !== undefined && !this.#issued.has(token)) this.#revoked.add(token)
    for (const issued of token === undefined ? [...this.#issued.keys()] : [token]) {
      if (this.#issued.has(issued)) this.#issued.set(issued, nowMs)
    }
  }

  /** Throws the 401. */
  require(authorization: string | undefined, auth: AuthPolicy): string {
    const token = /^bearer +(\S+)/i.exec(authorization ?? '')?.[1]
    if (token === undefined || this.#revoked.has(token)) throw notAuthenticated()
    const expiresAtMs = this.#issued.get(token)
    const nowMs = this.#context.clock.nowMs()
    if (expiresAtMs !== undefined && expiresAtMs <= nowMs) throw expired(expiresAtMs, nowMs)
    const known = expiresAtMs !== undefined || auth.tokens.includes(token) || !auth.require_issued_tokens
    if (!known) throw notAuthenticated()
    return token
  }

  reset(): void {
    this.#issued.clear()
    this.#revoked.clear()
    this.grantRevoked = false
  }

  snapshot(): TokensSnapshot {
    return { issued: [...this.#issued], revoked: [...this.#revoked], grantRevoked: this.grantRevoked }
  }

  restore(snapshot: TokensSnapshot): void {
    this.#issued = new Map(snapshot.issued)
    this.#revoked = new Set(snapshot.revoked)
    this.grantRevoked = snapshot.grantRevoked
  }
}

function notAuthenticated(): RequestRefused {
  const message = 'Authentication credentials not found. This API supports OAuth 2.0 authentication.'
  return new RequestRefused({ status: 401, message, category: 'INVALID_AUTHENTICATION' })
}

function expired(atMs: number, nowMs: number): RequestRefused {
  const minutes = Math.floor((nowMs - atMs) / 60_000)
  return new RequestRefused({
    status: 401,
    message: `The OAuth token used to make this call expired ${minutes} minute(s) ago.`,
    category: 'EXPIRED_AUTHENTICATION',
    context: { 'expire time': [new Date(atMs).toISOString()] },
  })
}
