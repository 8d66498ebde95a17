/**
 * What became of writes whose answer never came: the records are read back. One that holds what was sent settles it at once; once
 * the request can no longer be on its way, so does one that does not (protocol A8). Only reads and records; nothing is sent.
 */
import { splitStatements } from '../compile/split-statements.ts'
import { materialize } from './materialize.ts'
import { identityColumns, timestampOf } from './settle-run.ts'
import { countReads, snapshotCrm } from './snapshot-crm.ts'
import { stateColumns } from './state-table.ts'
import type { SyncRun } from './sync-run.ts'
import { cellMs, nowText } from './warehouse-clock.ts'

export interface Resolved {
  succeeded: number
  /** Not applied, or overwritten by somebody since: the next plan decides again. */
  retryable: number
  rejected: number
}

export async function resolveUnknown(run: SyncRun): Promise<Resolved> {
  const none: Resolved = { succeeded: 0, retryable: 0, rejected: 0 }
  // An association is no value of the record that could be read back; the next plan looks at it.
  if (run.context.sync.association !== null || !(await anyUnknown(run))) return none
  await materialize(run, ['unresolved', 'reread'])
  if ((await countReads(run)) === 0) return none
  await snapshotCrm(run)
  await run.lease.confirm()
  await materialize(run, ['resolutions'])
  return record(run)
}

/** Until when the newest of them may still be on its way, on the warehouse's clock; undefined when none is. */
export async function settledAtMs(run: SyncRun): Promise<number | undefined> {
  const sql = `select max(next_attempt_at) from ${run.context.sync.state} where disposition = 'unknown'`
  const rows = await run.warehouse.rows(sql, { ...run.options('recover'), max: 1 })
  const cell = rows[0]?.[0]
  return cell ? cellMs(cell) : undefined
}

async function anyUnknown(run: SyncRun): Promise<boolean> {
  const { state } = run.context.sync
  const sql = `select count(*) from ${state} where disposition = 'unknown'`
  const rows = await run.warehouse.rows(sql, { ...run.options('recover'), max: 1 })
  return Number(rows[0]?.[0] ?? 0) > 0
}

async function record(run: SyncRun): Promise<Resolved> {
  const resolved = await countOutcomes(run)
  if (resolved.succeeded + resolved.retryable + resolved.rejected === 0) return resolved
  const seq = run.log.nextSeq()
  const resolving = { ...run, context: { ...run.context, run: { ...run.context.run, resolution_seq: seq } } }
  await materialize(resolving, ['resolved'])
  const { state, work } = run.context.sync
  const columns = stateColumns(run.context.sync).map((column) => column.name)
  const steps = [
    resultStatement(run, seq),
    identityStatement(run),
    ...splitStatements(run.environment.call('sql.fold', [state, work.folded, columns])),
    run.log.event('resolved', { ...resolved, closed: closedRows(seq, resolved) }),
  ]
  await run.warehouse.atomic(steps, run.options('recover'))
  return resolved
}

/** All at one place of the log: what the chain says of them. */
function closedRows(seq: number, resolved: Resolved): { seq: number; outcome: string; rows: number }[] {
  const { succeeded, retryable, rejected } = resolved
  return Object.entries({ succeeded, retryable, rejected })
    .filter(([, rows]) => rows > 0)
    .map(([outcome, rows]) => ({ seq, outcome, rows }))
}

async function countOutcomes(run: SyncRun): Promise<Resolved> {
  const sql = `select outcome, count(*) from ${run.context.sync.work.resolutions} where outcome is not null group by outcome`
  const rows = await run.warehouse.rows(sql, { ...run.options('recover'), max: 3 })
  const count = (outcome: string) => Number(rows.find((row) => row[0] === outcome)?.[1] ?? 0)
  return { succeeded: count('succeeded'), retryable: count('retryable'), rejected: count('rejected') }
}

const resultColumns = [
  'event_id', 'run_id', 'epoch', 'seq', 'resolves_epoch', 'plan_id', 'row_no', 'row_key', 'attempt', 'outcome', 'crm_id', 'created',
  'code', 'message', 'batch_no', 'payload_hash', 'logged_at',
] // biome-ignore format: one line per group reads better than one per column

const messages = {
  'E-DATA-GONE': 'read back: there is no record any more',
  'E-RUN-NOT-APPLIED': 'read back: the write was not applied',
  'E-RUN-OVERWRITTEN': 'read back: the record holds neither what was sent nor what was there before',
} as const

function resultStatement(run: SyncRun, seq: number): string {
  const rowNo = run.environment.call('sql.cast', ['row_no', { kind: 'text' }])
  const eventId = run.environment.call('sql.md5', [`'${run.context.run.id}:${seq}:' || plan_id || ':' || ${rowNo}`])
  const message = Object.entries(messages)
    .map(([code, text]) => `when '${code}' then '${text}'`)
    .join(' ')
  const failed = "outcome <> 'succeeded'"
  const select = `select ${eventId}, run_id, ${run.lease.epoch}, ${seq}, run_epoch, plan_id, row_no, row_key, 0, outcome, coalesce(record_id, crm_id),
  outcome = 'succeeded' and op = 'create', case when ${failed} then code end, case when ${failed} then case code ${message} end else 'read back: the write was applied' end,
  batch_no, payload_hash, ${timestampOf(run, nowText(run))}
from ${run.context.sync.work.resolutions} where outcome is not null`
  return run.environment.call('sql.insert_select', [run.context.run.ledger.sync_result, resultColumns, select])
}

/** Records that were found to have been created. */
function identityStatement(run: SyncRun): string {
  const { work, object, name } = run.context.sync
  const select = `select '${run.org.orgId}', '${object}', '${name}', row_key, record_id, case when op = 'create' then 'created' else 'matched' end, run_id, ${timestampOf(run, nowText(run))}
from ${work.resolutions} where recency = 1 and outcome = 'succeeded' and ${run.environment.call('sql.is_distinct', ['crm_id', 'record_id'])}`
  return run.environment.call('sql.insert_select', [run.context.run.ledger.sync_identity, identityColumns, select])
}
