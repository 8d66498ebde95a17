import type { EmulatorClock } from '../core/crm.ts'
import type { LimitPolicy } from './policies/portal-policies.ts'
import { NO_POLICIES } from './policies/portal-policies.ts'
import { RequestRefused } from './request-refused.ts'

const FORGET_ABOVE = 1_024

/** Counts requests on the virtual clock and answers with the headers HubSpot sends. */
export class RateLimit {
  readonly #clock: EmulatorClock
  #limits: LimitPolicy = NO_POLICIES.limits
  #timeZone = 'UTC'
  /** Times of the requests let through, oldest first, from `#first` on. */
  #times: number[] = []
  #first = 0
  #secondStartMs = 0
  #searchesUsed = 0
  #day = ''
  #dayUsed = 0
  #daily: Intl.DateTimeFormat | undefined

  constructor(clock: EmulatorClock) {
    this.#clock = clock
  }

  /** New limits from now on; what was counted stays counted. */
  configure(limits: LimitPolicy, timeZone: string): void {
    if (timeZone !== this.#timeZone) this.#daily = new Intl.DateTimeFormat('en-CA', { timeZone })
    this.#timeZone = timeZone
    this.#limits = limits
    if (limits.used_today !== undefined) this.#usedToday(limits.used_today)
  }

  /**
   * Throws the 429 of the limit that is used up. A refused request counts for the day, not for the window. Apps that use
   * OAuth are not told about the day.
   */
  count({ isSearch, isOauth }: { isSearch: boolean; isOauth: boolean }): Record<string, string> {
    const nowMs = this.#clock.nowMs()
    this.#openDay(nowMs)
    this.#dayUsed += 1
    if (this.#dayUsed > this.#limits.daily) throw tooMany('daily', 'DAILY')
    if (isSearch) {
      this.#countSearch(nowMs)
      return this.#dailyHeaders(isOauth)
    }
    const used = this.#usedSince(nowMs - this.#limits.interval_ms)
    if (used >= this.#limits.burst) throw tooMany('ten_secondly_rolling', 'TEN_SECONDLY_ROLLING')
    this.#times.push(nowMs)
    return {
      'X-HubSpot-RateLimit-Max': String(this.#limits.burst),
      'X-HubSpot-RateLimit-Remaining': String(this.#limits.burst - used - 1),
      'X-HubSpot-RateLimit-Interval-Milliseconds': String(this.#limits.interval_ms),
      ...this.#dailyHeaders(isOauth),
    }
  }

  #countSearch(nowMs: number): void {
    if (nowMs - this.#secondStartMs >= 1000) {
      this.#secondStartMs = nowMs
      this.#searchesUsed = 0
    }
    this.#searchesUsed += 1
    if (this.#searchesUsed > this.#limits.search_per_second) throw tooManySearches()
  }

  #usedSince(startMs: number): number {
    while (this.#first < this.#times.length && (this.#times[this.#first] ?? 0) <= startMs) this.#first += 1
    if (this.#first > FORGET_ABOVE && this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first)
      this.#first = 0
    }
    return this.#times.length - this.#first
  }

  /** Calls of the day, this one included. */
  get today(): { used: number; max: number } {
    return { used: this.#dayUsed, max: this.#limits.daily }
  }

  #dailyHeaders(isOauth: boolean): Record<string, string> {
    if (isOauth) return {}
    return {
      'X-HubSpot-RateLimit-Daily': String(this.#limits.daily),
      'X-HubSpot-RateLimit-Daily-Remaining': String(Math.max(0, this.#limits.daily - this.#dayUsed)),
    }
  }

  #usedToday(used: number): void {
    this.#day = this.#dayOf(this.#clock.nowMs())
    this.#dayUsed = used
  }

  #openDay(nowMs: number): void {
    const day = this.#dayOf(nowMs)
    if (day !== this.#day) this.#dayUsed = 0
    this.#day = day
  }

  #dayOf(nowMs: number): string {
    return this.#daily?.format(nowMs) ?? String(Math.floor(nowMs / 86_400_000))
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
