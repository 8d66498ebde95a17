/** Equal errors in a row: the sign that the CRM or the mapping is at fault and not the rows. Pure. */
import type { RowOutcome } from '../destination/destination.ts'
import { ExitCode } from '../errors.ts'
import type { StopReason } from './delivery-totals.ts'

export interface ErrorStreak {
  code: string
  field: string
  count: number
}

/** The streak after one more result; undefined when that was no rejection. */
export function nextStreak(streak: ErrorStreak | undefined, outcome: RowOutcome): ErrorStreak | undefined {
  if (outcome.status !== 'rejected') return undefined
  const { code, field = '' } = outcome
  const goesOn = streak?.code === code && streak.field === field
  return { code, field, count: goesOn ? streak.count + 1 : 1 }
}

/** `most`: 0 looks at nothing. */
export function streakStop(streak: ErrorStreak | undefined, most: number): StopReason | undefined {
  if (streak === undefined || most === 0 || streak.count < most) return undefined
  const about = streak.field === '' ? streak.code : `${streak.code} about ${streak.field}`
  return {
    code: 'E-RUN-BREAKER',
    message: `the last ${streak.count} results are one and the same error (${about}); the rest stays planned`,
    exitCode: ExitCode.rowFailures,
  }
}
