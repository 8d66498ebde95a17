/** Whether the rows that events vouch for are the rows that were written. Pure: rows in, findings out. */
import type { TextRow } from '../warehouse/warehouse.ts'
import { erasableHash, type Seal, sealOf, tombstone } from './chain.ts'
import { type Finding, finding, type RunHeader } from './verify-links.ts'

export interface SealedRows {
  run: RunHeader
  /** `sync_result`. */
  table: string
  seal: Seal
  columns: readonly string[]
  rows: readonly TextRow[]
  /** Of the event that vouches for them, for tables without a place of their own in the log. */
  seq: number
}

export function verifySeal({ run, table, seal, columns, rows, seq }: SealedRows): Finding[] {
  const distinct = withoutCopies(columns, rows)
  const found = distinct.length === 0 ? undefined : sealOf(columns, distinct)
  if (found?.sha256 === seal.sha256) return []
  const seqs = seqsOf(columns, distinct)
  const place = seal.from === undefined ? '' : `, seq ${seal.from} to ${seal.to}`
  const told = `${table}${place}: ${seal.rows} rows were recorded, ${distinct.length} are there`
  if (distinct.length < seal.rows) return [finding(run, 'delete', missing(seal, seqs) ?? seq, told)]
  if (distinct.length > seal.rows) return [finding(run, 'insert', twice(seqs) ?? seal.from ?? seq, told)]
  const moved = missing(seal, seqs)
  if (moved !== undefined) return [finding(run, 'reorder', moved, `${table}${place}: rows are not in their places`)]
  return [finding(run, 'edit', seal.from ?? seq, `${table}${place}: one of ${seal.rows} rows is not what was recorded`)]
}

/** An append that was repeated left the same row twice; that is allowed for, as in the views. */
function withoutCopies(columns: readonly string[], rows: readonly TextRow[]): TextRow[] {
  const at = columns.indexOf('event_id')
  if (at < 0) return [...rows]
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()]
}

function seqsOf(columns: readonly string[], rows: readonly TextRow[]): number[] {
  const at = columns.indexOf('seq')
  return at < 0 ? [] : rows.map((row) => Number(row[at]))
}

/** Rows of one write have places without gaps, unless other tables took places in between. */
function missing({ from, to, rows }: Seal, seqs: readonly number[]): number | undefined {
  if (from === undefined || to === undefined || to - from + 1 !== rows) return undefined
  const there = new Set(seqs)
  for (let seq = from; seq <= to; seq += 1) if (!there.has(seq)) return seq
  return undefined
}

function twice(seqs: readonly number[]): number | undefined {
  const seen = new Set<number>()
  return seqs.find((seq) => {
    if (seen.has(seq)) return true
    seen.add(seq)
    return false
  })
}

export interface Messages {
  findings: Finding[]
  erased: number
}

/** Messages are not in the digest of their row, because they may be erased; their hashes are. */
export function verifyMessages(
  run: RunHeader,
  { columns, rows, salt }: Omit<SealedRows, 'run' | 'table' | 'seal' | 'seq'> & { salt: string | undefined },
): Messages {
  const message = columns.indexOf('message')
  const hash = columns.indexOf('message_hash')
  const seq = columns.indexOf('seq')
  const findings: Finding[] = []
  let erased = 0
  for (const row of rows) {
    const text = row[message] ?? null
    const kept = row[hash] ?? null
    if (text === tombstone && kept !== null) erased += 1
    else if (kept === null ? text !== null : text === null || (salt !== undefined && erasableHash(text, salt) !== kept))
      findings.push(finding(run, 'edit', Number(row[seq]), 'the message of a result is not the one that was recorded'))
  }
  return { findings, erased }
}
