import type { PostgresTypes } from './postgres-driver.ts'

/** Type oids whose text form differs from the canonical one; everything else stays as the server sent it. */
const parsers: ReadonlyMap<number, (text: string) => string> = new Map([
  [16, (text: string) => (text === 't' ? 'true' : 'false')],
  [1114, timestampText],
  [1184, timestampText],
])

/** Needs a session with TimeZone UTC and DateStyle ISO. */
export const textCells: PostgresTypes = {
  getTypeParser: (oid: number) => parsers.get(oid) ?? asSent,
}

function asSent(text: string): string {
  return text
}

/** `2024-01-31 09:08:07.5+00` to `2024-01-31T09:08:07.500000Z`; infinity and years before Christ stay as sent. */
function timestampText(text: string): string {
  const found = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:[.](\d{1,6}))?(?:[+]00)?$/.exec(text)
  return found ? `${found[1]}T${found[2]}.${(found[3] ?? '').padEnd(6, '0')}Z` : text
}
