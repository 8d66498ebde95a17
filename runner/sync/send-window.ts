/** Sends the batches of one window, as many at once as the limits say, and stops where something is wrong with one of them. */
import type { Batch } from './read-batches.ts'
import { type SentBatch, sendBatch } from './send-batch.ts'
import type { SyncRun } from './sync-run.ts'
import { isWhole } from './window-growth.ts'

export interface SentWindow {
  /** In the order of the plan. */
  sent: SentBatch[]
  /** Announced and not sent, because an answer before them is to be looked at first. */
  unsent: Batch[]
}

export async function sendWindow(run: SyncRun, window: readonly Batch[]): Promise<SentWindow> {
  const sent: SentBatch[] = []
  const lanes = lanesOf(window)
  // No more are in flight behind a bad answer than in the smallest window.
  const goesOn = () => !run.signal.aborted && sent.every(isWhole)
  const started = { lanes: 0 }
  const worker = async (): Promise<void> => {
    for (let lane = lanes[started.lanes]; lane !== undefined; lane = lanes[started.lanes]) {
      if (started.lanes >= run.sync.limits.concurrency && !goesOn()) return
      started.lanes += 1
      await sendLane(run, lane, sent)
    }
  }
  await Promise.all(Array.from({ length: run.sync.limits.concurrency }, worker))
  const tried = new Set(sent.map(({ batchNo }) => batchNo))
  sent.sort((a, b) => a.batchNo - b.batchNo)
  return { sent, unsent: window.filter(({ batchNo }) => !tried.has(batchNo)) }
}

async function sendLane(run: SyncRun, lane: readonly Batch[], sent: SentBatch[]): Promise<void> {
  for (const batch of lane) {
    const made = await sendBatch(run, batch)
    sent.push(made)
    if (!isWhole(made)) break
  }
}

/** Batches that share a parent follow each other: sent at once they would lock each other out. */
function lanesOf(window: readonly Batch[]): Batch[][] {
  const lanes: Batch[][] = []
  for (const batch of window) {
    const lane = lanes.at(-1)
    const parent = batch.changes[0]?.parent ?? null
    if (lane !== undefined && parent !== null && lane.at(-1)?.changes.at(-1)?.parent === parent) lane.push(batch)
    else lanes.push([batch])
  }
  return lanes
}
