import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../../runner/destination/destination.ts'
import { breakersOf } from '../../../runner/sync/breakers.ts'
import { addBatch, emptyTotals } from '../../../runner/sync/delivery-totals.ts'
import { nextStreak } from '../../../runner/sync/error-streak.ts'
import type { SentBatch } from '../../../runner/sync/send-batch.ts'
import { sync as syncFixture } from '../../support/sync-fixture.ts'

type Row = Outcome['status'] | 'other'

function outcome(changeId: string, row: Row): Outcome {
  if (row === 'succeeded') return { changeId, status: row, recordId: '1', created: false }
  if (row === 'rejected') return { changeId, status: row, code: 'NO_ACCESS', reason: 'no', field: 'LTV__c' }
  if (row === 'other') return { changeId, status: 'rejected', code: 'TOO_LONG', reason: 'too long' }
  return { changeId, status: row, code: row === 'unknown' ? 'SERVER_UNAVAILABLE' : 'ECONNREFUSED' }
}

function batch(...rows: readonly Row[]): SentBatch {
  const final = new Map(rows.map((row, index) => [`c${index}`, outcome(`c${index}`, row)]))
  return { batchNo: 1, attempts: [], final }
}

/** A delivery of `send` rows, window by window. */
function delivery({ send = 10_000, concurrency = 2, guards = {} } = {}) {
  const sync = syncFixture({})
  const limits = { ...sync.limits, concurrency }
  const maxRejected = { percent: 100 }
  const breakers = breakersOf({ sync: { ...sync, limits, guards: { ...sync.guards, maxRejected, ...guards } } }, send)
  const totals = emptyTotals()
  return {
    breakers,
    told(...window: SentBatch[]) {
      for (const sent of window) addBatch(totals, sent)
      return breakers.after(window, totals)
    },
  }
}

const minute = 60_000
const down = batch('unknown', 'unknown')

describe('a CRM that is down', () => {
  test('F37: five calls in a row open the circuit, one batch tries it, the third opening ends the run with 75', () => {
    const { told, breakers } = delivery()
    expect([told(down, down), told(down, down)]).toEqual([{}, {}])
    expect(breakers.windowSize()).toBe(2)
    expect(told(down, down)).toEqual({ waitMs: minute })
    expect(breakers.windowSize()).toBe(1)
    expect(told(down)).toEqual({ waitMs: minute })
    expect(told(down)).toMatchObject({ stop: { code: 'E-CRM-UNREACHABLE', exitCode: 75 } })
  })

  test('one good answer closes it', () => {
    const { told, breakers } = delivery({ concurrency: 5 })
    expect(told(down, down, down, down, down)).toEqual({ waitMs: minute })
    expect(told(batch('succeeded', 'rejected'))).toEqual({})
    expect(breakers.windowSize()).toBe(5)
    expect(told(down, down, batch('succeeded'), down, down)).toEqual({})
  })

  test('what has nothing after it is not waited for', () => {
    const { told } = delivery({ send: 10, concurrency: 5 })
    expect(told(down, down, down, down, down)).toEqual({})
  })

  test('three windows in a row that lose some answers stop the run with 5', () => {
    const { told } = delivery()
    const lossy = batch('succeeded', 'unknown')
    expect([told(lossy), told(lossy)]).toEqual([{}, {}])
    expect(told(lossy)).toMatchObject({ stop: { code: 'E-RUN-UNKNOWN', exitCode: 5 } })
  })
})

describe('equal errors in a row', () => {
  const nine = Array.from({ length: 9 }, (): Row => 'rejected')

  test('the tenth stops the run and is named', () => {
    const { told } = delivery()
    expect(told(batch(...nine))).toEqual({})
    expect(told(batch('rejected'))).toMatchObject({
      stop: { code: 'E-RUN-BREAKER', message: expect.stringContaining('10 results'), exitCode: 1 },
    })
  })

  test('another result in between starts the count again', () => {
    const { told } = delivery()
    expect([told(batch(...nine)), told(batch('succeeded')), told(batch(...nine))]).toEqual([{}, {}, {}])
    expect([told(batch('other')), told(batch(...nine))]).toEqual([{}, {}])
  })

  test('0 never stops, and neither does the end of the plan', () => {
    expect(delivery({ guards: { maxEqualErrors: 0 } }).told(batch(...nine, 'rejected'))).toEqual({})
    expect(delivery({ send: 10 }).told(batch(...nine, 'rejected'))).toEqual({})
  })

  test('the field counts as part of the error', () => {
    const first = nextStreak(undefined, { status: 'rejected', code: 'A', reason: '', field: 'x' })
    expect(nextStreak(first, { status: 'rejected', code: 'A', reason: '', field: 'y' })).toMatchObject({ count: 1 })
    expect(nextStreak(first, { status: 'rejected', code: 'A', reason: '', field: 'x' })).toMatchObject({ count: 2 })
  })
})
