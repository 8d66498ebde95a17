import { expect, test } from 'vitest'
import { afterGrace } from '../../../runner/sync/grace.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

test('what is under way is cut off only after the grace', async () => {
  const clock = new ManualClock()
  const signal = new AbortController()
  const grace = afterGrace(clock, signal.signal, 25_000)
  await turns()
  expect(grace.signal.aborted).toBe(false)
  signal.abort()
  expect(grace.signal.aborted).toBe(false)
  await turns()
  expect({ aborted: grace.signal.aborted, atMs: clock.nowMs() }).toEqual({ aborted: true, atMs: 25_000 })
})

test('a signal that came before is counted from now', async () => {
  const grace = afterGrace(new ManualClock(), AbortSignal.abort(), 1)
  await turns()
  expect(grace.signal.aborted).toBe(true)
})

test('a run that has drained waits for nothing', async () => {
  const signal = new AbortController()
  const grace = afterGrace(new ManualClock(), signal.signal, 1)
  grace.stop()
  signal.abort()
  await turns()
  expect(grace.signal.aborted).toBe(false)
})
