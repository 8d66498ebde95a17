/** What is about to be sent, made durable before the first request of it. */
import type { AtomicStep } from '../warehouse/warehouse.ts'
import type { SyncRun } from './sync-run.ts'
import { nowText } from './warehouse-clock.ts'

export interface Intent {
  windowNo: number
  /** First and last batch that may be sent from now on. */
  batches: { from: number; to: number }
  transport: 'rest' | 'bulk'
}

export function intentStep(run: SyncRun, { windowNo, batches, transport }: Intent): AtomicStep {
  const seq = run.log.nextSeq()
  const cells: Record<string, string> = {
    event_id: run.log.eventId(seq),
    run_id: run.context.run.id,
    epoch: String(run.lease.epoch),
    seq: String(seq),
    plan_id: run.context.run.plan_id,
    window_no: String(windowNo),
    batch_from: String(batches.from),
    batch_to: String(batches.to),
    transport,
    logged_at: nowText(run),
  }
  return run.log.rows('sync_intent', Object.keys(cells), [Object.values(cells)])
}
