/**
 * The append-only log of one run: one counter per epoch for intents, results and events, deterministic event ids, and a hash
 * chain over the events (chain.ts) so that a gap or an edit shows.
 */

import { createHash } from 'node:crypto'
import type { AtomicStep, TextRow } from '../warehouse/warehouse.ts'
import { keyMark, type Link, linkHash, type Seal, sealOf } from './chain.ts'
import type { LedgerTable } from './ledger.ts'

export type RunEvent =
  | 'started'
  | 'resolved'
  | 'planned'
  | 'refused'
  | 'sending'
  | 'recorded'
  | 'succeeded'
  | 'partial'
  | 'failed'
  | 'interrupted'
  | 'aborted'
  | 'crashed'

/** After one of these nothing more happens in a run. */
export const terminalEvents: readonly RunEvent[] = [
  'refused',
  'succeeded',
  'partial',
  'failed',
  'interrupted',
  'aborted',
  'crashed',
]

export interface RunLogRequest {
  schema: string
  runId: string
  epoch: number
  nowUtc: () => string
  /** BACKFEED_AUDIT_KEY; '' when there is none. */
  auditKey?: string
  /** Hash of the last event of the sync's run before this one; '' for the first. */
  previousHash?: string
}

export interface ChainEnd {
  chainNo: number
  hash: string
}

type Append = Exclude<AtomicStep, string>

export interface RunLog {
  nextSeq(): number
  /** sha256 over run, epoch and seq: the same append repeated has the same ids. */
  eventId(seq: number): string
  /**
   * Appends one event to the chain; `detail` holds counts, names and codes, never values of rows. The event vouches for the rows
   * of `sealed`, which must become durable together with it.
   */
  event(event: RunEvent, detail: Readonly<Record<string, unknown>>, sealed?: readonly AtomicStep[]): AtomicStep
  /** The steps, and an event that vouches for the rows among them. Nothing is added where there are none. */
  sealed(steps: readonly AtomicStep[]): AtomicStep[]
  /** Appends to the chain of a run that cannot do so itself any more. */
  closing(run: { runId: string; end: ChainEnd }, event: RunEvent, detail: Readonly<Record<string, unknown>>): AtomicStep
  /** After a write that failed: what it would have appended may or may not be there, so the chain goes on from what is. */
  resume(end: ChainEnd): void
  end(): ChainEnd
  rows(table: LedgerTable, columns: readonly string[], rows: readonly TextRow[]): AtomicStep
}

export function createRunLog({
  schema,
  runId,
  epoch,
  nowUtc,
  auditKey = '',
  previousHash = '',
}: RunLogRequest): RunLog {
  let seq = 0
  let end: ChainEnd = { chainNo: 0, hash: previousHash }
  const nextSeq = () => {
    seq += 1
    return seq
  }
  const step = (table: LedgerTable, columns: readonly string[], rows: readonly TextRow[]): AtomicStep => ({
    table: { schema, name: table },
    columns,
    rows,
  })
  const append = (run: { runId: string; end: ChainEnd }, event: RunEvent, detail: object) => {
    const link: Link = {
      runId: run.runId,
      epoch,
      seq: nextSeq(),
      chainNo: run.end.chainNo + 1,
      event,
      detail: JSON.stringify(detail),
      loggedAt: nowUtc(),
      prevHash: run.end.hash,
    }
    const hash = linkHash(link, auditKey)
    const row = [
      link.runId, String(epoch), String(link.seq), String(link.chainNo), event, link.detail, link.loggedAt, link.prevHash, hash, keyMark(auditKey),
    ] // biome-ignore format: in the order of eventColumns
    return { step: step('sync_run_event', eventColumns, [row]), end: { chainNo: link.chainNo, hash } }
  }
  const event: RunLog['event'] = (name, detail, sealed = []) => {
    const seals = sealsOf(sealed)
    const appended = append({ runId, end }, name, seals === undefined ? detail : { ...detail, sealed: seals })
    end = appended.end
    return appended.step
  }
  return {
    nextSeq,
    eventId: (number) => sha256(`${runId}:${epoch}:${number}`).slice(0, 32),
    event,
    sealed: (steps) => (sealsOf(steps) === undefined ? [...steps] : [...steps, event('recorded', {}, steps)]),
    closing: (run, name, detail) => append(run, name, detail).step,
    resume: (found) => {
      end = found
    },
    end: () => end,
    rows: step,
  }
}

const eventColumns = [
  'run_id', 'epoch', 'seq', 'chain_no', 'event', 'detail', 'logged_at', 'prev_hash', 'hash', 'chain_key',
] // biome-ignore format: one line reads better

/** By table; undefined when no step appends a row. */
function sealsOf(steps: readonly AtomicStep[]): Record<string, Seal> | undefined {
  const appends = steps.filter((each): each is Append => typeof each !== 'string' && each.rows.length > 0)
  if (appends.length === 0) return undefined
  const names = [...new Set(appends.map(({ table }) => table.name))]
  return Object.fromEntries(
    names.map((name) => [name, sealOfTable(appends.filter(({ table }) => table.name === name))]),
  )
}

function sealOfTable(appends: readonly Append[]): Seal {
  const columns = appends[0]?.columns ?? []
  return sealOf(columns, appends.length === 1 ? (appends[0]?.rows ?? []) : appends.flatMap(({ rows }) => rows))
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
