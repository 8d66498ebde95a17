/** Dates of the REST API: `yyyy-MM-dd`, and datetimes that come back in UTC without milliseconds. */

const EARLIEST_YEAR = 1700
const LATEST_YEAR = 4000
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const DATETIME = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|z|[+-]\d{2}:?\d{2})$/

/** The same text if it is a calendar date the platform can hold. */
export function parseDate(text: string): string | undefined {
  const parts = DATE.exec(text)
  if (!parts) return undefined
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  if (year < EARLIEST_YEAR || year > LATEST_YEAR) return undefined
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? text : undefined
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
