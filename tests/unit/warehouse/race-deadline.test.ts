import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cancelled, raceDeadline } from '../../../runner/warehouse/race-deadline.ts'

describe('a call under a deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const never = new AbortController().signal

  it('that answers in time gives its answer and leaves no timer', async () => {
    expect(await raceDeadline({ signal: never, timeoutMs: 1000 }, async () => 'done')).toBe('done')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is not begun when the signal has fired', async () => {
    const work = vi.fn()
    await expect(raceDeadline({ signal: AbortSignal.abort(), timeoutMs: 1000 }, work)).rejects.toMatchObject({
      code: 'E-WH-CANCELLED',
    })
    expect(work).not.toHaveBeenCalled()
  })

  it('is asked to cancel at the deadline, and its confirmation is a timeout', async () => {
    const work = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(cancelled('x'))))
    const result = raceDeadline({ signal: never, timeoutMs: 1000 }, work)
    const seen = expect(result).rejects.toMatchObject({ code: 'E-WH-TIMEOUT', kind: 'transient' })
    await vi.advanceTimersByTimeAsync(1000)
    await seen
  })

  it('that succeeds although it was asked to cancel has succeeded', async () => {
    const work = (signal: AbortSignal) =>
      new Promise<string>((resolve) => signal.addEventListener('abort', () => setTimeout(() => resolve('late'), 100)))
    const result = raceDeadline({ signal: never, timeoutMs: 1000 }, work)
    await vi.advanceTimersByTimeAsync(1200)
    expect(await result).toBe('late')
  })

  it('that never answers is unknown after the grace time', async () => {
    const result = raceDeadline({ signal: never, timeoutMs: 1000 }, () => new Promise(() => {}))
    const seen = expect(result).rejects.toMatchObject({ code: 'E-WH-NO-ANSWER', kind: 'unknown' })
    await vi.advanceTimersByTimeAsync(1000 + 5000)
    await seen
    expect(vi.getTimerCount()).toBe(0)
  })
})
