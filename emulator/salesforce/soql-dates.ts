import type { SoqlLiteral } from './soql-parser.ts'

const DAY_MS = 86_400_000

/** From the first value inside to the first one after: `yyyy-MM-dd` for dates, epoch milliseconds for datetimes. */
export interface DateRange {
  from: string | number
  until: string | number
}

type Relative = Extract<SoqlLiteral, { kind: 'relative' }>

/** TODAY and its like are stretches of time: `= TODAY` is inside, `> TODAY` is after all of it. Days are UTC days. */
export function dateRange(literal: Relative, { nowMs, type }: { nowMs: number; type: 'date' | 'datetime' }): DateRange {
  const todayMs = nowMs - (nowMs % DAY_MS)
  const [first, after] = days(literal)
  const at = (day: number): string | number => {
    const ms = todayMs + day * DAY_MS
    return type === 'date' ? new Date(ms).toISOString().slice(0, 10) : ms
  }
  return { from: at(first), until: at(after) }
}

/** First day inside and first day after, counted from today. */
function days({ name, count }: Relative): [first: number, after: number] {
  switch (name) {
    case 'YESTERDAY':
      return [-1, 0]
    case 'TOMORROW':
      return [1, 2]
    case 'LAST_N_DAYS':
      return [-count, 1]
    case 'NEXT_N_DAYS':
      return [1, count + 1]
    default:
      return [0, 1]
  }
}
