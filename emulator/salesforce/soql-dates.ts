import type { SoqlLiteral } from './soql-parser.ts'

const DAY_MS = 86_400_000

/** From the first value inside to the first one after: `yyyy-MM-dd` for dates, epoch milliseconds for datetimes. */
export interface DateRange {
  from: string | number
  until: string | number
}

type Relative = Extract<SoqlLiteral, { kind: 'relative' }>
type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR'

/** TODAY and its like, and THIS_WEEK, LAST_MONTH, NEXT_N_QUARTERS:3 and so on. */
export function isRelativeDate(word: string): boolean {
  return parsed(word) !== undefined
}

/** Does the literal end in `:n`? */
export function isCounted(word: string): boolean {
  return /_N_/i.test(word)
}

/** TODAY and its like are stretches of time: `= TODAY` is inside, `> TODAY` is after all of it. Days are UTC days. */
export function dateRange(literal: Relative, { nowMs, type }: { nowMs: number; type: 'date' | 'datetime' }): DateRange {
  const [first, after] = stretch(literal, nowMs)
  const at = (ms: number): string | number => (type === 'date' ? new Date(ms).toISOString().slice(0, 10) : ms)
  return { from: at(first), until: at(after) }
}

/** Start of the first unit inside and of the first one after. */
function stretch({ name, count }: Relative, nowMs: number): [firstMs: number, afterMs: number] {
  const { side, unit, days } = parsed(name) ?? { side: 'THIS', unit: 'DAY' as const, days: undefined }
  const start = (units: number): number => startOf(unit, nowMs, units)
  const many = days ?? count
  if (side === 'THIS') return [start(0), start(1)]
  if (!isCounted(name) && days === undefined) return side === 'LAST' ? [start(-1), start(0)] : [start(1), start(2)]
  if (side === 'NEXT') return [start(1), start(many + 1)]
  // The last n days reach into today; the last n weeks, months and years end before this one.
  return [start(-many), start(unit === 'DAY' ? 1 : 0)]
}

function parsed(word: string): { side: 'LAST' | 'THIS' | 'NEXT'; unit: Unit; days: number | undefined } | undefined {
  const name = word.toUpperCase()
  if (name === 'TODAY') return { side: 'THIS', unit: 'DAY', days: undefined }
  if (name === 'YESTERDAY') return { side: 'LAST', unit: 'DAY', days: undefined }
  if (name === 'TOMORROW') return { side: 'NEXT', unit: 'DAY', days: undefined }
  const match =
    /^(?:(LAST|NEXT)_(90)_DAYS|(LAST|NEXT)_N_(DAY|WEEK|MONTH|QUARTER|YEAR)S|(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR))$/.exec(
      name,
    )
  if (match === null) return undefined
  const side = (match[1] ?? match[3] ?? match[5]) as 'LAST' | 'THIS' | 'NEXT'
  const unit = (match[4] ?? match[6] ?? 'DAY') as Unit
  return { side, unit, days: match[2] === undefined ? undefined : Number(match[2]) }
}

/** Start of the unit that is `units` away from the one now. Weeks start on Sunday, as in the en_US locale. */
function startOf(unit: Unit, nowMs: number, units: number): number {
  const now = new Date(nowMs)
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
  const todayMs = nowMs - (nowMs % DAY_MS)
  switch (unit) {
    case 'DAY':
      return todayMs + units * DAY_MS
    case 'WEEK':
      return todayMs + (units * 7 - now.getUTCDay()) * DAY_MS
    case 'MONTH':
      return Date.UTC(year, month + units, 1)
    case 'QUARTER':
      return Date.UTC(year, month - (month % 3) + units * 3, 1)
    case 'YEAR':
      return Date.UTC(year + units, 0, 1)
  }
}
