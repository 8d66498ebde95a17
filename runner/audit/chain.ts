/**
 * The hash chain over the events of a run. Each link hashes the one before; the first link of a run hashes the last one of the
 * run before it, so that a missing run or a cut tail shows. With BACKFEED_AUDIT_KEY links are HMACs: nobody without the key can
 * make a chain that fits. Pure.
 */
import { createHash, createHmac } from 'node:crypto'
import type { TextRow } from '../warehouse/warehouse.ts'

export interface Link {
  runId: string
  epoch: number
  seq: number
  chainNo: number
  event: string
  /** JSON. */
  detail: string
  /** ISO, UTC, milliseconds. */
  loggedAt: string
  prevHash: string
}

export function linkHash(link: Link, auditKey: string): string {
  const { prevHash, runId, epoch, seq, chainNo, event, detail, loggedAt } = link
  const text = [prevHash, runId, epoch, seq, chainNo, event, detail, loggedAt].join('\n')
  const hash = auditKey === '' ? createHash('sha256') : createHmac('sha256', auditKey)
  return hash.update(text).digest('hex')
}

/** Which key made a link, without saying anything about it; null: none. */
export function keyMark(auditKey: string): string | null {
  return auditKey === ''
    ? null
    : createHash('sha256').update(`backfeed audit key:${auditKey}`).digest('hex').slice(0, 12)
}

/** Of hashes of values. Without a key it only keeps projects apart; with one nobody can try values out. */
export function auditSalt(project: string, auditKey: string): string {
  return createHash('sha256').update(`${project}:${auditKey}`).digest('hex').slice(0, 16)
}

/** Which salt the hashes of a run's values were made with: project and key decide it. */
export function saltMark(salt: string): string {
  return createHash('sha256').update(`backfeed audit salt:${salt}`).digest('hex').slice(0, 12)
}

/** What stands in the log instead of a text that was erased on request. */
export const tombstone = '[erased]'

/** Of a text that may have to be erased one day: the digest of its row holds this instead of the text. */
export function erasableHash(text: string, salt: string): string {
  return createHash('sha256').update(`${salt}${text}`).digest('hex')
}

/** One row as a digest sees it. Columns by name and only those with a value, so that a column added later changes nothing. */
export function rowText(columns: readonly string[]): (row: TextRow) => string {
  const order = columns.map((name, at) => ({ name, at })).sort((a, b) => (a.name < b.name ? -1 : 1))
  const kept = order.filter(({ name }) => !erasable.has(name))
  return (row) => {
    let text = ''
    for (const { name, at } of kept) {
      const cell = row[at]
      if (cell === null || cell === undefined) continue
      const value = timestamps.has(name) ? cell.slice(0, 23) : cell
      text += `${name}=${value.length}:${value};`
    }
    return text
  }
}

/** Texts that may quote a value; their hash is a column of its own. */
const erasable: ReadonlySet<string> = new Set(['message'])
/** Warehouses give back six digits of what was written with three. */
const timestamps: ReadonlySet<string> = new Set(['logged_at', 'sent_at', 'lease_deadline', 'started_at', 'created_at'])

/** What one event vouches for in one table: `rows` rows, whose places in the log are `from` to `to` where they have one. */
export interface Seal {
  rows: number
  from?: number
  to?: number
  sha256: string
}

/** Rows in any order: they are sealed in the order of their seq, or of their texts where they have none. */
export function sealOf(columns: readonly string[], rows: readonly TextRow[]): Seal {
  const at = columns.indexOf('seq')
  const textOf = rowText(columns)
  const hash = createHash('sha256')
  if (at < 0) {
    for (const text of rows.map(textOf).sort()) hash.update(`${text}\n`)
    return { rows: rows.length, sha256: hash.digest('hex') }
  }
  const seqOf = (row: TextRow | undefined) => Number(row?.[at])
  const sorted = [...rows].sort((a, b) => seqOf(a) - seqOf(b))
  for (const row of sorted) hash.update(`${textOf(row)}\n`)
  return { rows: rows.length, from: seqOf(sorted[0]), to: seqOf(sorted.at(-1)), sha256: hash.digest('hex') }
}
