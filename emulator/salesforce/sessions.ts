import type { CrmContext } from '../core/crm.ts'
import type { AuthPolicy } from './policies/org-policies.ts'

export interface Session {
  userId: string | undefined
  clientId: string | undefined
  issued: boolean
  ended: boolean
  issuedAtMs: number
  usedAtMs: number
}

const MAX_SESSIONS = 10_000

/** Access tokens: those this org issued, and others it has seen. Not in snapshots: tokens do not outlive the process. */
export class Sessions {
  readonly #context: CrmContext
  readonly #policy: () => AuthPolicy
  readonly #held = new Map<string, Session>()

  constructor(context: CrmContext, policy: () => AuthPolicy) {
    this.#context = context
    this.#policy = policy
  }

  /** Tokens look like real ones because the official command line refuses others. */
  issue(orgId: string, who: { userId: string; clientId: string | undefined }): { token: string; random: string } {
    const random = Array.from({ length: 4 }, () => Math.floor(this.#context.random.next() * 36 ** 6).toString(36))
    const token = `${orgId.slice(0, 15)}!Emulator.${random.join('')}`
    this.#keep(token, { ...who, issued: true, ended: false, ...this.#now() })
    return { token, random: random.join('') }
  }

  /** The session of a token, its idle time starting anew; undefined when the token does not work. */
  use(token: string): Session | undefined {
    const session = this.look(token)
    if (session !== undefined) session.usedAtMs = this.#context.clock.nowMs()
    return session
  }

  /** Like `use`, without counting as activity. */
  look(token: string): Session | undefined {
    const policy = this.#policy()
    const held = this.#held.get(token)
    if (held === undefined) {
      if (policy.require_issued_tokens || token === '') return undefined
      return this.#keep(token, { userId: undefined, clientId: undefined, issued: false, ended: false, ...this.#now() })
    }
    if (held.ended || (policy.require_issued_tokens && !held.issued)) return undefined
    // A token from elsewhere has no log-in that could have grown old.
    const idleMs = held.issued ? this.#context.clock.nowMs() - held.usedAtMs : 0
    return idleMs < policy.session_timeout_ms ? held : undefined
  }

  end(token: string): void {
    const held = this.#held.get(token)
    if (held !== undefined) held.ended = true
    else this.#keep(token, { userId: undefined, clientId: undefined, issued: false, ended: true, ...this.#now() })
  }

  /** Every token used or issued until now. */
  endAll(): void {
    for (const session of this.#held.values()) session.ended = true
  }

  reset(): void {
    this.#held.clear()
  }

  #now(): { issuedAtMs: number; usedAtMs: number } {
    const nowMs = this.#context.clock.nowMs()
    return { issuedAtMs: nowMs, usedAtMs: nowMs }
  }

  #keep(token: string, session: Session): Session {
    const oldest = this.#held.keys().next()
    if (this.#held.size >= MAX_SESSIONS && oldest.done !== true) this.#held.delete(oldest.value)
    this.#held.set(token, session)
    return session
  }
}
