import type { EmulatorClock } from '../core/crm.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** An Enterprise org without add-ons. */
export const DAILY_API_REQUESTS = 100_000

/** Counts API calls of a day of virtual time. */
export class ApiUsage {
  readonly #clock: EmulatorClock
  #used = 0
  #dayStartedMs: number

  constructor(clock: EmulatorClock) {
    this.#clock = clock
    this.#dayStartedMs = clock.nowMs()
  }

  /** Counts one call; false when the day's allowance is used up. */
  take(): boolean {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#dayStartedMs >= DAY_MS) {
      this.#dayStartedMs = nowMs
      this.#used = 0
    }
    if (this.#used >= DAILY_API_REQUESTS) return false
    this.#used += 1
    return true
  }

  header(): string {
    return `api-usage=${this.#used}/${DAILY_API_REQUESTS}`
  }

  limits(): Record<string, { Max: number; Remaining: number }> {
    const untouched = (max: number): { Max: number; Remaining: number } => ({ Max: max, Remaining: max })
    return {
      ConcurrentAsyncGetReportInstances: untouched(200),
      DailyApiRequests: { Max: DAILY_API_REQUESTS, Remaining: DAILY_API_REQUESTS - this.#used },
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

  reset(): void {
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
