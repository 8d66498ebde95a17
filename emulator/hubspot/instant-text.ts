// A batch writes its rows in the same few milliseconds, and printing an instant costs as much as validating a row.
const MAX_REMEMBERED = 1_000
const remembered = new Map<number, string>()

/** ISO 8601 in UTC with milliseconds, as records carry createdAt and updatedAt. */
export function isoMillis(ms: number): string {
  const known = remembered.get(ms)
  if (known !== undefined) return known
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  const text = new Date(ms).toISOString()
  remembered.set(ms, text)
  return text
}

/** The same without milliseconds when they are zero, as property values are printed. */
export function isoInstant(ms: number): string {
  const text = isoMillis(ms)
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text
}
