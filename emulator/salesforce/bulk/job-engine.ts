import type { CrmContext } from '../../core/crm.ts'
import type { BulkJob } from './ingest-job.ts'
import type { Pause } from './run-ingest.ts'

const TURN_MS = 8

interface Run {
  job: BulkJob
  steps: Generator<Pause, void>
  dueMs: number
}

/**
 * Runs jobs between requests, side by side, a few milliseconds at a time so that requests are answered meanwhile.
 * Never inside a request: whoever closes a job is answered before its first row is touched.
 */
export class JobEngine {
  readonly #context: CrmContext
  readonly #onCrash: (job: BulkJob, error: unknown) => void
  #runs: Run[] = []
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(context: CrmContext, onCrash: (job: BulkJob, error: unknown) => void) {
    this.#context = context
    this.#onCrash = onCrash
  }

  start(job: BulkJob, steps: Generator<Pause, void>): void {
    this.#runs.push({ job, steps, dueMs: 0 })
    this.wake()
  }

  /** The job goes no further; what it did stays. */
  drop(job: BulkJob): void {
    this.#runs = this.#runs.filter((run) => run.job !== job)
  }

  stop(): void {
    this.#runs = []
    clearImmediate(this.#immediate)
    clearTimeout(this.#timer)
    this.#immediate = undefined
    this.#timer = undefined
  }

  /** To be called when the clock may have moved. */
  wake(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#runs.length === 0 || this.#immediate !== undefined) return
    const waitMs = Math.min(...this.#runs.map((run) => run.dueMs)) - this.#context.clock.nowMs()
    // Not unref'd: such an immediate waits for the next request or timer, and the job with it.
    if (waitMs <= 0) this.#immediate = setImmediate(() => this.#turn())
    else this.#timer = setTimeout(() => this.wake(), Math.min(waitMs, 2 ** 31 - 1)).unref()
  }

  #turn(): void {
    this.#immediate = undefined
    const endMs = performance.now() + TURN_MS
    let worked = true
    while (worked && performance.now() < endMs) {
      worked = false
      for (const run of this.#runs) {
        if (run.dueMs > this.#context.clock.nowMs()) continue
        worked = true
        this.#step(run)
      }
    }
    this.#context.background?.changed()
    this.wake()
  }

  #step(run: Run): void {
    try {
      const { background } = this.#context
      const step = background?.during(run.job.request, () => run.steps.next()) ?? run.steps.next()
      if (step.done === true) this.drop(run.job)
      else run.dueMs = step.value?.untilMs ?? 0
    } catch (error) {
      this.drop(run.job)
      this.#onCrash(run.job, error)
    }
  }
}
