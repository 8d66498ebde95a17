import { expect, test } from 'vitest'
import { type RateWindow, rateWindow } from '../../../runner/destination/pacing/rate-window.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const NEVER = new AbortController().signal
const TEN_SECONDS = 10_000

/** Starts `count` requests, each answered `answerMs` later; returns when they started. */
async function starts(
  window: RateWindow,
  clock: ManualClock,
  { count, answerMs = 0 }: { count: number; answerMs?: number },
): Promise<number[]> {
  const started: number[] = []
  for (let index = 0; index < count; index += 1) {
    await window.run(NEVER, async () => {
      started.push(clock.monotonicMs())
      if (answerMs > 0) await clock.sleep(answerMs)
    })
  }
  return started
}

function mostWithin(times: readonly number[], ms: number): number {
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + ms).length))
}

test('no ten seconds ever hold more than the limit, wherever they begin, and nearly all of it is used', async () => {
  const clock = new ManualClock()
  const window = rateWindow(clock, { max: 190, intervalMs: TEN_SECONDS })
  const started = await starts(window, clock, { count: 1_900, answerMs: 20 })
  expect(mostWithin(started, TEN_SECONDS)).toBe(190)
  const permitted = ((started.at(-1) ?? 0) / TEN_SECONDS) * 190
  expect(1_900 / permitted).toBeGreaterThan(0.95)
})

test('a slow answer does not waste the window: a request counts from when it must have arrived', async () => {
  const clock = new ManualClock()
  const window = rateWindow(clock, { max: 1, intervalMs: TEN_SECONDS })
  expect(await starts(window, clock, { count: 3, answerMs: 4_000 })).toEqual([0, 10_250, 20_500])
})

test('the limits are those that answers tell', async () => {
  const clock = new ManualClock()
  const window = rateWindow(clock, { max: 2, intervalMs: TEN_SECONDS })
  await starts(window, clock, { count: 2 })
  window.learn({ max: 4, intervalMs: 1_000, remaining: 2 })
  expect(await starts(window, clock, { count: 3 })).toEqual([0, 0, TEN_SECONDS])
})

test('nothing left of the window: the next request waits for it', async () => {
  const clock = new ManualClock()
  const window = rateWindow(clock, { max: 100, intervalMs: TEN_SECONDS })
  await starts(window, clock, { count: 1 })
  window.learn({ max: 190, intervalMs: TEN_SECONDS, remaining: 0 })
  expect(await starts(window, clock, { count: 2 })).toEqual([TEN_SECONDS, TEN_SECONDS])
})

test('what other users of the account send is left to them', async () => {
  const clock = new ManualClock()
  const window = rateWindow(clock, { max: 10, intervalMs: TEN_SECONDS })
  await starts(window, clock, { count: 1 })
  window.learn({ max: 10, remaining: 4 })
  expect(await starts(window, clock, { count: 6 })).toEqual([0, 0, 0, 0, TEN_SECONDS, TEN_SECONDS])
})

test('answers that overtake each other are nobody else', async () => {
  const clock = new ManualClock()
  const window = rateWindow(clock, { max: 10, intervalMs: TEN_SECONDS })
  let answer = (): void => {}
  const slow = window.run(
    NEVER,
    () =>
      new Promise<void>((resolve) => {
        answer = resolve
      }),
  )
  await starts(window, clock, { count: 1 })
  window.learn({ remaining: 8 })
  answer()
  await slow
  expect(await starts(window, clock, { count: 8 })).toEqual(Array(8).fill(0))
})

test('a pause holds everything, and no longer than a minute', async () => {
  const clock = new ManualClock()
  const window = rateWindow(clock, { max: 10, intervalMs: TEN_SECONDS })
  window.pause(86_400_000)
  expect(await starts(window, clock, { count: 1 })).toEqual([60_000])
})

test('a cancelled request never starts and takes no room', async () => {
  const window = rateWindow(new ManualClock(), { max: 1, intervalMs: TEN_SECONDS })
  await expect(window.run(AbortSignal.abort(new TypeError('stop')), async () => {})).rejects.toThrow('stop')
  expect(await window.run(NEVER, async () => 'next')).toBe('next')
})
