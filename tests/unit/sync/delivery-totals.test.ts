import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../../runner/destination/destination.ts'
import { addBatch, emptyTotals, stopReason } from '../../../runner/sync/delivery-totals.ts'
import type { SentBatch } from '../../../runner/sync/send-batch.ts'

function batch(outcomes: readonly Outcome[]): SentBatch {
  return { batchNo: 1, attempts: [], final: new Map(outcomes.map((outcome) => [outcome.changeId, outcome])) }
}

function many(count: number, outcome: (changeId: string) => Outcome): Outcome[] {
  return Array.from({ length: count }, (_, index) => outcome(`c${index}`))
}

function verdict(outcomes: readonly Outcome[], badWindowsBefore = 0) {
  const totals = emptyTotals()
  const window = [batch(outcomes)]
  for (const sent of window) addBatch(totals, sent)
  return stopReason({ totals, window, badWindowsBefore, maxRejected: { percent: 5 } })
}

const ok = (changeId: string): Outcome => ({ changeId, status: 'succeeded', recordId: '1', created: false })
const rejected = (changeId: string): Outcome => ({
  changeId,
  status: 'rejected',
  code: 'STRING_TOO_LONG',
  reason: 'too long',
})
const unknown = (changeId: string): Outcome => ({ changeId, status: 'unknown', code: 'TIMEOUT' })
const retryable = (changeId: string): Outcome => ({ changeId, status: 'retryable', code: 'RESET' })

describe('stopReason', () => {
  test('goes on while rows succeed', () => {
    expect(verdict(many(100, ok))).toBeUndefined()
  })

  test('stops at a burst of rejections, but not before fifty results', () => {
    expect(verdict(many(49, rejected))).toBeUndefined()
    expect(verdict(many(50, rejected))).toMatchObject({ code: 'E-RUN-REJECTED', exitCode: 1 })
  })

  test('F37 one window without any answer is patience, a second one is unknown', () => {
    expect(verdict(many(3, unknown))).toBeUndefined()
    expect(verdict(many(3, unknown), 1)).toMatchObject({ code: 'E-RUN-UNKNOWN', exitCode: 5 })
  })

  test('a CRM that cannot be reached is a temporary failure', () => {
    expect(verdict(many(3, retryable), 1)).toMatchObject({ code: 'E-CRM-UNREACHABLE', exitCode: 75 })
  })

  test('a used-up quota stops at once', () => {
    const quota: Outcome = { changeId: 'q', status: 'retryable', code: 'E-CRM-QUOTA' }
    expect(verdict([...many(5, ok).slice(1), quota])).toMatchObject({ code: 'E-CRM-QUOTA', exitCode: 75 })
  })
})

describe('what the CRM says once for all', () => {
  const noPermission = (changeId: string): Outcome => ({
    changeId,
    status: 'rejected',
    code: 'FIELD_NOT_UPDATABLE',
    reason: '',
    stops: 'mapping',
  })

  test('F74 a field nobody may write stops the run when every row of a batch says so', () => {
    expect(verdict(many(3, noPermission))).toMatchObject({ code: 'E-CRM-MAPPING', exitCode: 1 })
    expect(verdict([...many(3, noPermission), ok('other')])).toBeUndefined()
  })

  test('a closed org stops at once', () => {
    const closed: Outcome = { changeId: 'q', status: 'retryable', code: 'ORG_LOCKED', stops: 'access' }
    expect(verdict([ok('other'), closed])).toMatchObject({ code: 'E-CRM-CLOSED', exitCode: 1 })
  })

  test('a full org is a temporary failure', () => {
    const full: Outcome = { changeId: 'q', status: 'retryable', code: 'STORAGE_LIMIT_EXCEEDED', stops: 'later' }
    expect(verdict([ok('other'), full])).toMatchObject({ code: 'E-CRM-LATER', exitCode: 75 })
  })
})

describe('addBatch', () => {
  test('counts every change once, by its last outcome', () => {
    const totals = emptyTotals()
    addBatch(
      totals,
      batch([ok('a'), { ...ok('b'), created: true } as Outcome, rejected('c'), unknown('d'), retryable('e')]),
    )
    expect(totals).toMatchObject({ succeeded: 2, created: 1, updated: 1, rejected: 1, unknown: 1, retryable: 1 })
    expect(totals.rejectedByCode).toEqual({ STRING_TOO_LONG: 1 })
  })
})
