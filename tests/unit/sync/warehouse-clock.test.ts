/** What time it is in the warehouse, from one answer of it and the two clocks of a machine that may sleep or be set. */
import { describe, expect, test } from 'vitest'
import {
  aheadMs,
  type ClockReading,
  cellMs,
  setClock,
  skewWarning,
  warehouseTime,
} from '../../../runner/sync/warehouse-clock.ts'

const hour = 3_600_000
const noon = Date.parse('2026-01-31T12:00:00Z')

/** The machine is an hour ahead; the answer took 400 ms. */
const reading: ClockReading = {
  warehouseMs: noon,
  asked: { wallMs: noon + hour - 100, monotonicMs: 5_000 },
  answered: { wallMs: noon + hour + 300, monotonicMs: 5_400 },
}
const passed = (wallMs: number, monotonicMs = wallMs) =>
  warehouseTime(reading, {
    wallMs: reading.answered.wallMs + wallMs,
    monotonicMs: reading.answered.monotonicMs + monotonicMs,
  })

describe('F66 the time of the warehouse', () => {
  test('is what it said and what has passed since, within the way of the answer', () => {
    expect(passed(0)).toEqual({ earliestMs: noon, latestMs: noon + 400 })
    expect(passed(10_000)).toEqual({ earliestMs: noon + 10_000, latestMs: noon + 10_400 })
  })

  test('lies between what the two clocks of a machine say when they disagree', () => {
    // Asleep for an hour, or set an hour ahead: nobody knows which.
    expect(passed(hour + 1_000, 1_000)).toEqual({ earliestMs: noon + 1_000, latestMs: noon + hour + 1_400 })
    expect(passed(1_000 - hour, 1_000)).toEqual({ earliestMs: noon, latestMs: noon + 1_400 })
  })

  test('an answer that took long makes it vague, and never wrong', () => {
    const slow = {
      ...reading,
      answered: { wallMs: reading.asked.wallMs + 290_000, monotonicMs: reading.asked.monotonicMs + 290_000 },
    }
    expect(warehouseTime(slow, slow.answered)).toEqual({ earliestMs: noon, latestMs: noon + 290_000 })
    expect(aheadMs(slow)).toBe(hour - 100)
  })
})

describe('F66 a machine whose clock is wrong', () => {
  const skewed = (ms: number): ClockReading => ({
    warehouseMs: noon,
    asked: { wallMs: noon + ms - 200, monotonicMs: 0 },
    answered: { wallMs: noon + ms + 200, monotonicMs: 400 },
  })

  test('is told from the way of the answer', () => {
    expect([0, 150, -150].map((ms) => Math.abs(aheadMs(skewed(ms))))).toEqual([0, 0, 0])
    expect([hour, -hour].map((ms) => aheadMs(skewed(ms)))).toEqual([hour - 200, 200 - hour])
  })

  test('is warned of past five minutes, in both directions', () => {
    expect([0, 300_000, -300_000].map(skewWarning)).toEqual([undefined, undefined, undefined])
    expect(skewWarning(301_000)).toMatchObject({ code: 'W-RUN-CLOCK', message: expect.stringContaining('ahead of') })
    expect(skewWarning(-2 * hour)).toMatchObject({ message: expect.stringContaining('120 minutes behind') })
  })

  test('is set right for what has no lease', () => {
    let wallMs = noon + hour
    const clock = { nowMs: () => wallMs, monotonicMs: () => 0, sleep: async () => {} }
    const right = setClock(clock, noon)
    expect(right.nowMs()).toBe(noon)
    wallMs += 5_000
    expect(right.nowMs()).toBe(noon + 5_000)
  })
})

test.each([
  '2026-01-31 12:00:00',
  '2026-01-31T12:00:00Z',
  '2026-01-31 12:00:00.000000',
  '2026-01-31T12:00:00.000000Z',
  '2026-01-31 12:00:00+00',
])('a cell is a moment, as %s', (cell) => {
  expect(cellMs(cell)).toBe(noon)
})

test('what is no moment is a defect, not a time', () => {
  expect(() => cellMs(null)).toThrow('a timestamp of the warehouse is a moment')
})
