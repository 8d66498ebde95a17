/** Rows of the log about what was sent: one per change and attempt, one per call. */
import { erasableHash } from '../audit/chain.ts'
import type { RowOutcome } from '../destination/destination.ts'
import type { AtomicStep, TextRow } from '../warehouse/warehouse.ts'
import type { SyncRun } from './sync-run.ts'
import { nowText } from './warehouse-clock.ts'

/** The planned row a result is about. */
export interface ResultRow {
  rowNo: number
  rowKey: string
  crmId: string | null
  payloadHash: string
}

export interface ResultEntry {
  row: ResultRow
  outcome: RowOutcome
  batchNo: number
  attempt: number
  /** When and under which lease it was sent; absent for what was read afterwards. */
  sent?: { seq: number; at: string; leaseDeadline: string }
  httpStatus?: number
  requestId?: string
  /** The run it belongs to, when that is not the one that records it. */
  of?: { runId: string; planId: string; epoch: number }
}

export interface CallEntry {
  seq: number
  batchNo: number
  attempt: number
  method: string
  path: string
  rows: number
  bodySha256: string | null
  httpStatus?: number
  requestId?: string
  remaining?: number
  durationMs: number
  sentAt: string
}

const resultColumns = [
  'event_id', 'run_id', 'epoch', 'seq', 'resolves_epoch', 'plan_id', 'row_no', 'row_key', 'attempt', 'outcome', 'crm_id', 'created',
  'code', 'message', 'field', 'http_status', 'request_id', 'batch_no', 'payload_hash', 'send_seq', 'sent_at', 'lease_deadline', 'logged_at',
  'message_hash',
] // biome-ignore format: one line per group reads better than one per column
const callColumns = [
  'event_id', 'run_id', 'epoch', 'plan_id', 'sync_name', 'batch_no', 'attempt', 'method', 'path', 'rows', 'body_sha256', 'http_status',
  'request_id', 'remaining', 'duration_ms', 'sent_at', 'seq',
] // biome-ignore format: as above

/** Nothing, when there is nothing to append. */
export function resultSteps(run: SyncRun, entries: readonly ResultEntry[]): AtomicStep[] {
  if (entries.length === 0) return []
  const loggedAt = nowText(run)
  const rows = entries.map((entry) => resultRow(run, entry, loggedAt))
  return [run.log.rows('sync_result', resultColumns, rows)]
}

export function callSteps(run: SyncRun, calls: readonly CallEntry[]): AtomicStep[] {
  if (calls.length === 0) return []
  const rows = calls.map((call) => callRow(run, call))
  return [run.log.rows('sync_call', callColumns, rows)]
}

function resultRow(run: SyncRun, entry: ResultEntry, loggedAt: string): TextRow {
  const { row, outcome, sent, of } = entry
  const seq = run.log.nextSeq()
  const done = outcome.status === 'succeeded' ? outcome : undefined
  const failed = outcome.status === 'succeeded' ? undefined : outcome
  const field = outcome.status === 'rejected' ? (outcome.field ?? null) : null
  return [
    run.log.eventId(seq), of?.runId ?? run.context.run.id, String(run.lease.epoch), String(seq), String(of?.epoch ?? run.lease.epoch),
    of?.planId ?? run.context.run.plan_id, String(row.rowNo), row.rowKey, String(entry.attempt), outcome.status, done?.recordId ?? row.crmId,
    done ? String(done.created) : null, failed?.code ?? null, failed?.reason ?? null, field, numberCell(entry.httpStatus),
    entry.requestId ?? null, String(entry.batchNo), row.payloadHash, numberCell(sent?.seq), sent?.at ?? null, sent?.leaseDeadline ?? null, loggedAt,
    failed?.reason == null ? null : erasableHash(failed.reason, run.context.run.audit_salt),
  ] // biome-ignore format: in the order of resultColumns
}

function callRow(run: SyncRun, call: CallEntry): TextRow {
  return [
    run.log.eventId(call.seq), run.context.run.id, String(run.lease.epoch), run.context.run.plan_id, run.sync.name, String(call.batchNo),
    String(call.attempt), call.method, call.path, String(call.rows), call.bodySha256, numberCell(call.httpStatus),
    call.requestId ?? null, numberCell(call.remaining), String(Math.round(call.durationMs)), call.sentAt, String(call.seq),
  ] // biome-ignore format: in the order of callColumns
}

function numberCell(value: number | undefined): string | null {
  return value === undefined ? null : String(Math.round(value))
}
