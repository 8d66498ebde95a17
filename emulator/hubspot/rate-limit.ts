import type { EmulatorClock } from '../core/crm.ts'
import { RequestRefused } from './request-refused.ts'

export interface HubspotLimits {
  /** Requests per rolling `intervalMs`, search excepted. */
  burst: number
  intervalMs: number
  daily: number
  searchPerSecond: number
}

/** So high that nothing is throttled: limits are a policy to switch on. */
export const NO_LIMITS: HubspotLimits = {
  burst: 1_000_000,
  intervalMs: 10_000,
  daily: 1_000_000_000,
  searchPerSecond: 1_000_000,
}

const DAY_MS = 86_400_000

/** Counts requests on the virtual clock and answers with the headers HubSpot sends. */
export class RateLimit {
  readonly #clock: EmulatorClock
  limits: HubspotLimits
  #windowStartMs = 0
  #windowUsed = 0
  #secondStartMs = 0
  #searchesUsed = 0
  #day = 0
  #dayUsed = 0

  constructor(clock: EmulatorClock, limits: HubspotLimits) {
    this.#clock = clock
    this.limits = limits
  }

  /** Throws the 429 of the limit that is used up. A refused request counts as well. */
  count(isSearch: boolean): Record<string, string> {
    this.#openWindows()
    this.#dayUsed += 1
    if (this.#dayUsed > this.limits.daily) throw tooMany('daily', 'DAILY')
    if (isSearch) {
      this.#searchesUsed += 1
      if (this.#searchesUsed > this.limits.searchPerSecond) throw tooManySearches()
      return this.#dailyHeaders()
    }
    this.#windowUsed += 1
    if (this.#windowUsed > this.limits.burst) throw tooMany('ten_secondly_rolling', 'TEN_SECONDLY_ROLLING')
    return {
      'X-HubSpot-RateLimit-Max': String(this.limits.burst),
      'X-HubSpot-RateLimit-Remaining': String(this.limits.burst - this.#windowUsed),
      'X-HubSpot-RateLimit-Interval-Milliseconds': String(this.limits.intervalMs),
      ...this.#dailyHeaders(),
    }
  }

  #dailyHeaders(): Record<string, string> {
    return {
      'X-HubSpot-RateLimit-Daily': String(this.limits.daily),
      'X-HubSpot-RateLimit-Daily-Remaining': String(this.limits.daily - this.#dayUsed),
    }
  }

  #openWindows(): void {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#windowStartMs >= this.limits.intervalMs) {
      this.#windowStartMs = nowMs
      this.#windowUsed = 0
    }
    if (nowMs - this.#secondStartMs >= 1000) {
      this.#secondStartMs = nowMs
      this.#searchesUsed = 0
    }
    // Midnight of the account's time zone, which is UTC here.
    const day = Math.floor(nowMs / DAY_MS)
    if (day !== this.#day) this.#dayUsed = 0
    this.#day = day
  }
}

function tooMany(which: string, policyName: string): RequestRefused {
  const more = { errorType: 'RATE_LIMIT', policyName }
  return new RequestRefused({ status: 429, message: `You have reached your ${which} limit.`, more })
}

/** Search has a body of its own: a category and no policy name. */
function tooManySearches(): RequestRefused {
  return new RequestRefused({ status: 429, message: 'You have reached your secondly limit.', category: 'RATE_LIMITS' })
}
