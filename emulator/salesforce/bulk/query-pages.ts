import { BodyPieces } from '../../core/body-pieces.ts'
import type { QueryResult } from './query-job.ts'

export interface PageRange {
  from: number
  /** One beyond the last row. */
  to: number
}

/** A page as its own CSV file, with the header row again. */
export function queryPage(result: QueryResult, { from, to }: PageRange): BodyPieces {
  const body = new BodyPieces(result.lines.contentType)
  body.append(result.header)
  const first = result.offsets[from] ?? 0
  const last = result.offsets[to] ?? first
  let at = 0
  for (const piece of result.lines.pieces) {
    const end = at + piece.length
    if (end > first && at < last) body.appendBytes(piece.subarray(Math.max(0, first - at), last - at))
    at = end
  }
  return body
}

/** The platform's locators are opaque; so are these, and the same row always gives the same one. */
export function locatorOf(row: number): string {
  return Buffer.from(String(row)).toString('base64url')
}

/** undefined: no locator of this result. */
export function rowAt(locator: string, result: QueryResult): number | undefined {
  const text = Buffer.from(locator, 'base64').toString('utf8')
  const row = /^\d{1,12}$/.test(text) ? Number(text) : undefined
  return row === undefined || row >= Math.max(1, result.rows) ? undefined : row
}
