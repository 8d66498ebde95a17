import assert from 'node:assert/strict'
import type { Connection } from 'jsforce'

/**
 * bulk2.query pipes every page into one stream, all at the same time and each with its header row. What comes out
 * depends on the sizes and the timing of the pages: header rows as records, lines of two pages mixed, or a write to the
 * stream that the first page has ended, which nobody catches. Resolves with what came; rejects when all was right.
 */
export async function pagedQueryFault(connection: Connection, rows: number): Promise<string> {
  const uncaught = catchUncaught()
  try {
    return await Promise.race([uncaught.first, outcome(connection, rows)])
  } finally {
    uncaught.stop()
  }
}

async function outcome(connection: Connection, rows: number): Promise<string> {
  const stream = await connection.bulk2.query('SELECT Id, LastName FROM Contact')
  let records: readonly Record<string, unknown>[]
  try {
    records = await stream.toArray()
  } catch (error) {
    return `lines of several pages are mixed: ${String(error).split(':')[1]?.trim()}`
  }
  const headers = records.filter((row) => row.Id === 'Id' && row.LastName === 'LastName').length
  assert.ok(headers > 0, `${records.length} records and no header row among them: was it one page only?`)
  return `${headers} header rows returned as records, ${records.length - headers} of ${rows} others`
}

/** While it is on, an uncaught error of the stream is an outcome and not the end of the process. */
function catchUncaught(): { first: Promise<string>; stop(): void } {
  let seen: (what: string) => void = () => undefined
  const first = new Promise<string>((resolve) => {
    seen = resolve
  })
  const listener = (error: Error): void => seen(`an error that no caller can catch: ${error.message}`)
  process.on('uncaughtException', listener)
  // A page that is still on its way may fail after the first error.
  return { first, stop: () => void setTimeout(() => process.off('uncaughtException', listener), 2_000).unref() }
}
