// In the place of runner/sync/deliver-changes: the same bodies in the same order over the same transport, as many at once, and nothing
// else. No window waits for another: a worker takes the next batch as soon as its last one is answered.
import { addOutcome, emptyTotals } from '../dist/runner/sync/delivery-totals.js'
import { batchesOf, writeRequestOf } from '../dist/runner/sync/read-batches.js'
import { mark } from './marks.mjs'

export async function deliverChanges(run, plan) {
  const totals = emptyTotals()
  const batches = batchesOf(run, plan.counts.sendByRequest)
  const worker = async () => {
    for (;;) {
      const { value: batch, done } = await batches.next()
      if (done) return
      const { outcomes } = await run.destination.write(writeRequestOf(run, batch), run.inFlight)
      totals.writeCalls += 1
      for (const outcome of outcomes) addOutcome(totals, outcome)
    }
  }
  await Promise.all(Array.from({ length: run.sync.limits.concurrency }, worker))
  mark('settled')
  return { totals }
}
