/**
 * The append-only log of one run: one counter per epoch for intents, results and events, deterministic event ids, and a hash
 * chain over the events so that a gap or an edit shows.
 */
import { createHash } from 'node:crypto'
import type { AtomicStep, TextRow } from '../warehouse/warehouse.ts'
import type { LedgerTable } from './ledger.ts'

export type RunEvent =
  | 'started'
  | 'planned'
  | 'refused'
  | 'sending'
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
}

export interface RunLog {
  nextSeq(): number
  /** sha256 over run, epoch and seq: the same append repeated has the same ids. */
  eventId(seq: number): string
  /** Appends one event to the chain; `detail` holds counts, names and codes, never values of rows. */
  event(event: RunEvent, detail: Readonly<Record<string, unknown>>): AtomicStep
  /** After an append that failed: the next event follows what the log really holds. */
  continueAfter(link: ChainLink): void
  rows(table: LedgerTable, columns: readonly string[], rows: readonly TextRow[]): AtomicStep
}

/** The last event of a run, as the log holds it; number 0 and no hash when there is none. */
export interface ChainLink {
  no: number
  hash: string
}

export function createRunLog({ schema, runId, epoch, nowUtc }: RunLogRequest): RunLog {
  let seq = 0
  let chainNo = 0
  let lastHash = ''
  const nextSeq = () => {
    seq += 1
    return seq
  }
  const step = (table: LedgerTable, columns: readonly string[], rows: readonly TextRow[]): AtomicStep => ({
    table: { schema, name: table },
    columns,
    rows,
  })
  return {
    nextSeq,
    eventId: (number) => sha256(`${runId}:${epoch}:${number}`).slice(0, 32),
    event(event, detail) {
      const number = nextSeq()
      chainNo += 1
      const at = nowUtc()
      const text = JSON.stringify(detail)
      const hash = sha256([lastHash, runId, epoch, number, chainNo, event, text, at].join('\n'))
      const row = [runId, String(epoch), String(number), String(chainNo), event, text, at, lastHash, hash]
      lastHash = hash
      return step('sync_run_event', eventColumns, [row])
    },
    continueAfter({ no, hash }) {
      chainNo = no
      lastHash = hash
    },
    rows: step,
  }
}

const eventColumns = ['run_id', 'epoch', 'seq', 'chain_no', 'event', 'detail', 'logged_at', 'prev_hash', 'hash']

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
