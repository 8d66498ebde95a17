import { expect, test } from 'vitest'
import { tokenBucket } from '../../../runner/destination/pacing/token-bucket.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const NEVER = new AbortController().signal

test('requests start evenly, never more per second than allowed', async () => {
  const clock = new ManualClock()
  const bucket = tokenBucket(clock, { concurrency: 10, requestsPerSecond: 4 })
  const starts: number[] = []
  await Promise.all(
    Array.from({ length: 6 }, () => bucket.run(NEVER, async () => void starts.push(clock.monotonicMs()))),
  )
  expect(starts).toEqual([0, 250, 500, 750, 1000, 1250])
})

test('at most so many in flight, first come first served', async () => {
  const bucket = tokenBucket(new ManualClock(), { concurrency: 2 })
  const order: number[] = []
  let running = 0
  let most = 0
  await Promise.all(
    [0, 1, 2, 3, 4].map((index) =>
      bucket.run(NEVER, async () => {
        order.push(index)
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
      }),
    ),
  )
  expect(most).toBe(2)
  expect(order).toEqual([0, 1, 2, 3, 4])
})

test('after a pause nothing starts before it is over', async () => {
  const clock = new ManualClock()
  const bucket = tokenBucket(clock, { concurrency: 1 })
  bucket.pause(10_000)
  await bucket.run(NEVER, async () => expect(clock.monotonicMs()).toBe(10_000))
})

test('a failed request gives its place back, a cancelled one never starts', async () => {
  const bucket = tokenBucket(new ManualClock(), { concurrency: 1 })
  await expect(bucket.run(NEVER, () => Promise.reject(new TypeError('cut')))).rejects.toThrow('cut')
  const started: string[] = []
  const cancelled = AbortSignal.abort(new TypeError('stop'))
  await expect(bucket.run(cancelled, async () => void started.push('cancelled'))).rejects.toThrow('stop')
  expect(started).toEqual([])
  expect(await bucket.run(NEVER, async () => 'next')).toBe('next')
})

test('told to slow down, it waits and lets half as many go at once, but never none', async () => {
  const clock = new ManualClock()
  const bucket = tokenBucket(clock, { concurrency: 4 })
  const atOnce = async (): Promise<number> => {
    let running = 0
    let most = 0
    const job = async (): Promise<void> => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
    }
    await Promise.all(Array.from({ length: 8 }, () => bucket.run(NEVER, job)))
    return most
  }
  expect(await atOnce()).toBe(4)
  bucket.slowDown(30_000)
  expect(await atOnce()).toBe(2)
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(30_000)
  bucket.slowDown(0)
  bucket.slowDown(0)
  expect(await atOnce()).toBe(1)
})
