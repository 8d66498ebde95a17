import { expect, test } from 'vitest'
import type { Outcome } from '../../../runner/destination/destination.ts'
import { settled } from '../../../runner/sync/send-batch.ts'

const clash: Outcome = { changeId: 'c1', status: 'retryable', code: 'DUPLICATE_VALUE', reason: 'taken', onceMore: true }

test('what is worth one repeat is repeated once, then it is the fault of the row', () => {
  expect(settled(clash, undefined)).toBe(clash)
  expect(settled(clash, clash)).toEqual({
    changeId: 'c1',
    status: 'rejected',
    code: 'DUPLICATE_VALUE',
    reason: 'taken',
  })
})

test('another reason the second time is not the same answer', () => {
  const lock: Outcome = { changeId: 'c1', status: 'retryable', code: 'UNABLE_TO_LOCK_ROW' }
  expect(settled(clash, lock)).toBe(clash)
  expect(settled(lock, lock)).toBe(lock)
})
