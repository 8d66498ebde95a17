import { expect, test } from 'vitest'
import type { Outcome } from '../../../runner/destination/destination.ts'
import type { SentBatch } from '../../../runner/sync/send-batch.ts'
import { isWhole, windowGrowth } from '../../../runner/sync/window-growth.ts'

const succeeded: Outcome = { changeId: 'a', status: 'succeeded', recordId: '1', created: false }
const unknown: Outcome = { changeId: 'b', status: 'unknown', code: 'E-CRM-TIMEOUT' }
const rejected: Outcome = { changeId: 'c', status: 'rejected', code: 'E-CRM-FIELD', reason: 'too long' }

/** A batch in which every row succeeded. */
function rows(count: number): SentBatch {
  return batch(...Array.from({ length: count }, (_, i): Outcome => ({ ...succeeded, changeId: String(i) })))
}

function batch(...outcomes: Outcome[]): SentBatch {
  return { batchNo: 1, attempts: [], final: new Map(outcomes.map((outcome) => [outcome.changeId, outcome])) }
}

const base = { concurrency: 2, batchSize: 200, path: 'upsert' } as const

test('doubles from a thousand good rows on, up to 2,000 rows in a window', () => {
  const growth = windowGrowth(base)
  const sizes = Array.from({ length: 7 }, () => {
    const size = growth.size()
    growth.after(Array.from({ length: size }, () => rows(200)))
    return size
  })
  expect(sizes).toEqual([2, 2, 2, 4, 8, 10, 10])
})

test.each([
  { what: 'an unknown row', sent: [batch(succeeded), batch(unknown)] },
  { what: 'a rejected row', sent: [batch(succeeded, rejected)] },
  { what: 'a batch that was never sent', sent: [batch()] },
])('falls back to what is in flight together after $what', ({ sent }) => {
  const growth = windowGrowth(base)
  growth.after([rows(1_000)])
  expect(growth.size()).toBe(4)
  growth.after(sent)
  expect(growth.size()).toBe(2)
  growth.after([rows(900)])
  expect(growth.size()).toBe(2)
})

test.each(['create', 'associate'] as const)('%s is announced in the smallest portions', (path) => {
  const growth = windowGrowth({ ...base, path })
  growth.after([rows(5_000)])
  expect(growth.size()).toBe(2)
})

test('more in flight than a window would hold are still announced together', () => {
  expect(windowGrowth({ ...base, concurrency: 30 }).size()).toBe(30)
})

test('a batch that broke is not whole, whatever its rows say', () => {
  expect(isWhole({ ...batch(succeeded), failure: new Error('lost') })).toBe(false)
  expect(isWhole(batch(succeeded))).toBe(true)
})
