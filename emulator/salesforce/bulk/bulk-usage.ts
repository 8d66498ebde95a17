import type { EmulatorClock } from '../../core/crm.ts'
import type { BulkSettings } from './bulk-settings.ts'

const DAY_MS = 24 * 60 * 60 * 1000

export interface BulkUsageState {
  batches: number
  records: number
  queryJobs: number
  dayStartedMs: number
}

/** What a day of virtual time has used of the org's bulk allocations. */
export class BulkUsage {
  readonly #clock: EmulatorClock
  readonly #settings: () => BulkSettings
  #state: BulkUsageState

  constructor(clock: EmulatorClock, settings: () => BulkSettings) {
    this.#clock = clock
    this.#settings = settings
    this.#state = { batches: 0, records: 0, queryJobs: 0, dayStartedMs: clock.nowMs() }
  }

  /** False, counting nothing, when the day has no batch or not enough records left. */
  takeBatch(records: number): boolean {
    const used = this.#today()
    const { daily_batches, daily_records } = this.#settings()
    if (used.batches >= daily_batches || used.records + records > daily_records) return false
    used.batches += 1
    used.records += records
    return true
  }

  takeQueryJob(): boolean {
    const used = this.#today()
    if (used.queryJobs >= this.#settings().daily_query_jobs) return false
    used.queryJobs += 1
    return true
  }

  /** Is a batch left at all? */
  hasBatch(): boolean {
    return this.#today().batches < this.#settings().daily_batches
  }

  /** Their part of `GET /limits`. */
  limits(): Record<string, { Max: number; Remaining: number }> {
    const used = this.#today()
    const { daily_batches, daily_query_jobs } = this.#settings()
    return {
      DailyBulkApiBatches: left(daily_batches, used.batches),
      DailyBulkV2QueryJobs: left(daily_query_jobs, used.queryJobs),
    }
  }

  get state(): BulkUsageState {
    return { ...this.#state }
  }

  set state(state: BulkUsageState) {
    this.#state = { ...state }
  }

  reset(): void {
    this.#state = { batches: 0, records: 0, queryJobs: 0, dayStartedMs: this.#clock.nowMs() }
  }

  #today(): BulkUsageState {
    if (this.#clock.nowMs() - this.#state.dayStartedMs >= DAY_MS) this.reset()
    return this.#state
  }
}

function left(max: number, used: number): { Max: number; Remaining: number } {
  return { Max: max, Remaining: Math.max(0, max - used) }
}
