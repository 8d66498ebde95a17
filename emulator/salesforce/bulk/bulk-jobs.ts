import type { Org } from '../org.ts'
import { canonicalId } from '../record-id.ts'
import { type BulkSettings, changedSettings, DEFAULT_SETTINGS } from './bulk-settings.ts'
import { BulkUsage } from './bulk-usage.ts'
import { type BulkJob, type IngestJob, isOver } from './ingest-job.ts'
import { JobEngine } from './job-engine.ts'
import type { QueryJob } from './query-job.ts'
import { runIngest } from './run-ingest.ts'
import { runQuery } from './run-query.ts'

export type AnyJob = IngestJob | QueryJob

const HOUR_MS = 60 * 60 * 1000
const OPEN_MS = 24 * HOUR_MS
const KEPT_MS = 7 * 24 * HOUR_MS
const JOB_PREFIX = { keyPrefix: '750' }

/** The bulk jobs of an org: kept, run, expired. Knows nothing of HTTP. */
export class BulkJobs {
  readonly #org: Org
  readonly #engine: JobEngine
  readonly #jobs = new Map<string, AnyJob>()
  readonly usage: BulkUsage
  #settings: BulkSettings = DEFAULT_SETTINGS

  constructor(org: Org) {
    this.#org = org
    this.usage = new BulkUsage(org.context.clock, () => this.#settings)
    this.#engine = new JobEngine(org.context, (job, error) => {
      this.end(job, 'Failed', `InternalServerError : ${error instanceof Error ? error.message : String(error)}`)
    })
  }

  get settings(): BulkSettings {
    return this.#settings
  }

  configure(input: unknown): void {
    this.#settings = changedSettings(this.#settings, input)
    this.#engine.wake()
  }

  newJobId(): string {
    return this.#org.newId(JOB_PREFIX)
  }

  add(job: AnyJob): void {
    this.#jobs.set(job.id, job)
  }

  /** By 15 or 18 characters; undefined for one that never was, was deleted or has expired. */
  find(text: string): AnyJob | undefined {
    this.#expire()
    return this.#jobs.get(canonicalId(text) ?? '')
  }

  all(): AnyJob[] {
    this.#expire()
    return [...this.#jobs.values()]
  }

  remove(job: AnyJob): void {
    this.#engine.drop(job)
    this.#jobs.delete(job.id)
  }

  /** From now on the job's work is done for this request. */
  run(job: AnyJob): void {
    job.state = 'UploadComplete'
    job.changedAtMs = this.#org.context.clock.nowMs()
    job.request = this.#org.context.currentRequest()
    const world = { org: this.#org, usage: this.usage, settings: () => this.#settings }
    this.#engine.start(job, job.kind === 'ingest' ? runIngest(job, world) : runQuery(job, world))
  }

  /** Ends a job from outside: what it wrote stays, the rest of its rows is unprocessed. */
  end(job: BulkJob, state: 'Aborted' | 'Failed', errorMessage?: string): void {
    this.#engine.drop(job)
    const nowMs = this.#org.context.clock.nowMs()
    job.state = state
    job.errorMessage = errorMessage
    job.changedAtMs = nowMs
    job.finishedAtMs = nowMs
  }

  /** To be called when the clock may have moved. */
  wake(): void {
    this.#expire()
    this.#engine.wake()
  }

  reset(): void {
    this.#engine.stop()
    this.#jobs.clear()
    this.#settings = DEFAULT_SETTINGS
    this.usage.reset()
  }

  #expire(): void {
    const nowMs = this.#org.context.clock.nowMs()
    for (const job of this.#jobs.values()) {
      if (job.state === 'Open' && nowMs - job.createdAtMs >= OPEN_MS) this.end(job, 'Aborted')
      if (isOver(job) && nowMs - job.createdAtMs >= KEPT_MS) this.#jobs.delete(job.id)
    }
  }
}
