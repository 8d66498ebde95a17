/** Dates of the REST API: `yyyy-MM-dd`, and datetimes that come back in UTC without milliseconds. */

const EARLIEST_YEAR = 1700
const LATEST_YEAR = 4000
const DATE = /^\d{4}-\d{2}-\d{2}$/
const DATETIME = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|z|[+-]\d{2}:?\d{2})$/

/** The same text if it is a calendar date the platform can hold. */
export function parseDate(text: string): string | undefined {
  if (text.length !== 10 || !DATE.test(text)) return undefined
  const year = Number(text.slice(0, 4))
  const month = Number(text.slice(5, 7))
  const day = Number(text.slice(8, 10))
  if (year < EARLIEST_YEAR || year > LATEST_YEAR || month < 1 || month > 12) return undefined
  return day >= 1 && day <= daysIn(year, month) ? text : undefined
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
}

/** Epoch milliseconds, cut to whole seconds as they are stored. A datetime without a zone is not one. */
export function parseDatetime(text: string): number | undefined {
  const parts = DATETIME.exec(text)
  if (!parts || parseDate(parts[1] ?? '') === undefined) return undefined
  const [hour, minute, second] = [Number(parts[2]), Number(parts[3]), Number(parts[4] ?? 0)]
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const zone = (parts[6] ?? 'Z').toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')
  const ms = Date.parse(`${parts[1]}T${parts[2]}:${parts[3]}:${parts[4] ?? '00'}${zone}`)
  return Number.isNaN(ms) ? undefined : ms
}

/** `2026-01-31T09:30:00.000+0000` */
export function apiDatetime(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== lastSecond) {
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}.000+0000`
    lastSecond = second
  }
  return lastText
}

// Thousands of rows are stamped within one second, and then share one text.
let lastSecond = Number.NaN
let lastText = ''
