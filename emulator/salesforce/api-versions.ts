import { ApiError, notFound, rowError } from './api-error.ts'

const SEASONS = ['Winter', 'Spring', 'Summer']
const NEWEST = 68
const OLDEST_LISTED = 60
const OLDEST_ANSWERED = 31

/** `v66.0` as `66.0`. Throws ApiError: 410 for a retired version, 404 for one that never was. */
export function versionOf(segment: string): string {
  const match = /^v(\d{2})\.0$/.exec(segment)
  const number = Number(match?.[1])
  if (match === null || number > NEWEST) throw notFound()
  if (number >= OLDEST_ANSWERED) return `${number}.0`
  throw new ApiError(410, rowError('UNSUPPORTED_API_VERSION', 'The requested API version is no longer supported'))
}

export function versions(): { label: string; url: string; version: string }[] {
  return Array.from({ length: NEWEST - OLDEST_LISTED + 1 }, (_, index) => {
    const number = OLDEST_LISTED + index
    // 66 is Spring '26; three releases a year, Winter carrying the next year's number.
    const season = SEASONS[(number - 65) % 3 < 0 ? ((number - 65) % 3) + 3 : (number - 65) % 3] ?? 'Winter'
    const year = 26 + Math.floor((number - 65) / 3)
    return { label: `${season} '${year}`, url: `/services/data/v${number}.0`, version: `${number}.0` }
  })
}
