import type { EmulatorClock } from '../core/crm.ts'

import type { LimitPolicy } from './policies/org-policies.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** Counts API calls of a day of virtual time. */
export class ApiUsage {
  readonly #clock: EmulatorClock
  readonly #policy: () => LimitPolicy
  #concurrentRefused = 0
  #used = 0
  #dayStartedMs: number

  constructor(clock: EmulatorClock, policy: () => LimitPolicy) {
    this.#clock = clock
    this.#policy = policy
    this.#dayStartedMs = clock.nowMs()
  }

  /** Counts one call; false when the day's allowance is used up. */
  take(): boolean {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#dayStartedMs >= DAY_MS) {
      this.#dayStartedMs = nowMs
      this.#used = 0
    }
    if (this.#used >= this.#policy().daily_api_requests) return false
    this.#used += 1
    return true
  }

  header(): string {
    const { daily_api_requests, api_bursts, per_app } = this.#policy()
    const bursts = api_bursts === undefined ? '' : `; api-bursts=${api_bursts.used}/${api_bursts.max}`
    const app = per_app === undefined ? '' : `; per-app-api-usage=${this.#used}/${per_app.max}(appName=${per_app.name})`
    return `api-usage=${this.#used}/${daily_api_requests}${bursts}${app}`
  }

  limits(): Record<string, { Max: number; Remaining: number }> {
    const untouched = (max: number): { Max: number; Remaining: number } => ({ Max: max, Remaining: max })
    return {
      ConcurrentAsyncGetReportInstances: untouched(200),
      DailyApiRequests: {
        Max: this.#policy().daily_api_requests,
        Remaining: Math.max(0, this.#policy().daily_api_requests - this.#used),
      },
      DailyAsyncApexExecutions: untouched(250_000),
      DailyBulkApiBatches: untouched(15_000),
      DailyBulkV2QueryFileStorageMB: untouched(976_562),
      DailyBulkV2QueryJobs: untouched(10_000),
      DailyStreamingApiEvents: untouched(10_000),
      DataStorageMB: untouched(1_024),
      FileStorageMB: untouched(1_024),
      HourlyODataCallout: untouched(1_000),
      SingleEmail: untouched(5_000),
    }
  }

  /** True while the policy refuses calls as one long-running call too many; each refusal counts. */
  takeConcurrent(): boolean {
    const refusals = this.#policy().concurrent_refusals ?? 0
    if (this.#concurrentRefused >= refusals) return false
    this.#concurrentRefused += 1
    return true
  }

  /** The policy was set: refusals are counted anew. */
  rearm(): void {
    this.#concurrentRefused = 0
  }

  set used(used: number) {
    this.#used = used
  }

  reset(): void {
    this.#concurrentRefused = 0
    this.#used = 0
    this.#dayStartedMs = this.#clock.nowMs()
  }

  get state(): { used: number; dayStartedMs: number } {
    return { used: this.#used, dayStartedMs: this.#dayStartedMs }
  }

  set state(state: { used: number; dayStartedMs: number }) {
    this.#used = state.used
    this.#dayStartedMs = state.dayStartedMs
  }
}
