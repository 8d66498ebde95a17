/** Ends a run: every planned row gets an outcome, the log is folded into state, and the run says how it ended. */
import { type RunEvent, terminalEvents } from '../audit/run-log.ts'
import { splitStatements } from '../compile/split-statements.ts'
import type { AtomicStep } from '../warehouse/warehouse.ts'
import { resumeChain } from './chain-end.ts'
import { packageContext, renderPackageModel } from './materialize.ts'
import { recordStoredSteps } from './record-stored.ts'
import { stateColumns } from './state-table.ts'
import type { SyncRun } from './sync-run.ts'
import { nowText } from './warehouse-clock.ts'
import { confirmEnded, eventWhileHeld, rowsWhileHeld } from './while-held.ts'

export interface Ending {
  event: RunEvent
  detail: Readonly<Record<string, unknown>>
}

/** Not interrupted by a signal: what was sent must be written down. */
export async function settleRun(run: SyncRun, ending: Ending): Promise<void> {
  const settling = withoutSignal(run)
  await resumeChain(settling)
  const seq = run.log.nextSeq()
  const { affected = 0 } = await settling.warehouse.exec(closeOpenRows(settling, seq), settling.options('settle'))
  settling.ports.crashPoints.at('CP24')
  await settling.lease.confirm()
  const closed = affected > 0 ? { closed: [{ seq, outcome: 'retryable', rows: affected }] } : {}
  const event = settling.log.event(ending.event, { ...ending.detail, ...closed })
  const folding = settling.warehouse.atomic(foldSteps(settling, event), settling.options('fold'))
  settling.ports.crashPoints.at('CP25')
  await folding
  await confirmEnded(settling, event)
  await settling.journal?.remove()
  settling.ports.crashPoints.at('CP26')
}

export function withoutSignal(run: SyncRun): SyncRun {
  const signal = new AbortController().signal
  return { ...run, signal, options: (step) => ({ ...run.options(step), signal }) }
}

/** Rows a stopped run never sent are proven not applied: they get an outcome of their own, so that the sums are right. */
function closeOpenRows(run: SyncRun, seq: number): string {
  const { ledger, plan_id, id } = run.context.run
  const columns = [
    'event_id',
    'run_id',
    'epoch',
    'seq',
    'resolves_epoch',
    'plan_id',
    'row_no',
    'row_key',
    'attempt',
    'outcome',
    'crm_id',
    'code',
    'message',
    'batch_no',
    'payload_hash',
    'logged_at',
  ]
  const select = `select ${run.environment.call('sql.md5', [`'${id}:${seq}:' || ${textOf(run, 'planned.row_no')}`])}, '${id}', ${run.lease.epoch}, ${seq}, ${run.lease.epoch}, planned.plan_id, planned.row_no, planned.row_key, 0,
  'retryable', planned.crm_id, 'E-RUN-STOPPED', 'the run ended before this row was sent', planned.batch_no, planned.payload_hash, ${timestampOf(run, nowText(run))}
from ${ledger.sync_plan_row} as planned
where planned.plan_id = '${plan_id}' and planned.decision = 'send'
  and planned.row_no not in (select row_no from ${ledger.sync_result} where plan_id = '${plan_id}')`
  return run.environment.call('sql.insert_select', [ledger.sync_result, columns, select])
}

/** One write, of which nothing happens when the lease is somebody else's by now: that run has folded this one already. */
function foldSteps(run: SyncRun, event: AtomicStep): AtomicStep[] {
  return [
    run.lease.renewStatement(),
    ...renderPackageModel(run.environment, 'folded', packageContext(run)).statements,
    ...foldStatements(run, { runId: run.context.run.id, planId: run.context.run.plan_id }),
    eventWhileHeld(run, event),
  ]
}

/** From the table of folded rows into state and the log of identities. */
export function foldStatements(run: SyncRun, of: { runId: string; planId: string }): AtomicStep[] {
  const { work, state } = run.context.sync
  const columns = stateColumns(run.context.sync).map((column) => column.name)
  const folded = rowsWhileHeld(run, work.folded)
  return [
    ...recordStoredSteps(run, of.planId),
    identityStatement(run, of),
    ...(run.purpose.name === 'adopt' && of.runId === run.context.run.id ? [adoptedStatement(run)] : []),
    ...splitStatements(run.environment.call('sql.fold', [state, folded, columns])),
  ]
}

/** That somebody said: this record, with the values it has, is the one of this key. */
function adoptedStatement(run: SyncRun): string {
  const { ledger, id } = run.context.run
  const { work, object, name } = run.context.sync
  const select = `select '${run.org.orgId}', '${object}', '${name}', row_key, crm_id, 'adopted', '${id}', ${timestampOf(run, nowText(run))}
from ${rowsWhileHeld(run, work.changes)} where reason = 'adopted' and crm_id is not null`
  return run.environment.call('sql.insert_select', [ledger.sync_identity, identityColumns, select])
}

export const identityColumns = ['org_id', 'object', 'sync_name', 'row_key', 'crm_id', 'how', 'run_id', 'logged_at']

/** Which record a key stands for, recorded when it becomes known or changes. */
function identityStatement(run: SyncRun, { runId, planId }: { runId: string; planId: string }): string {
  const { ledger } = run.context.run
  const { work, state, object, name } = run.context.sync
  const select = `select '${run.org.orgId}', '${object}', '${name}', folded.row_key, folded.crm_id, case when made.row_key is null then 'matched' else 'created' end, '${runId}', ${timestampOf(run, nowText(run))}
from (select * from ${rowsWhileHeld(run, work.folded)}) as folded
left join ${state} as state on state.row_key = folded.row_key
left join (select distinct row_key from ${ledger.sync_result} where plan_id = '${planId}' and created) as made on made.row_key = folded.row_key
where folded.crm_id is not null and ${run.environment.call('sql.is_distinct', ['state.crm_id', 'folded.crm_id'])}`
  return run.environment.call('sql.insert_select', [ledger.sync_identity, identityColumns, select])
}

function textOf(run: SyncRun, expression: string): string {
  return run.environment.call('sql.cast', [expression, { kind: 'text' }])
}

export function timestampOf(run: Pick<SyncRun, 'environment'>, iso: string): string {
  return run.environment.call('sql.cast', [`'${iso.replace('Z', '')}'`, { kind: 'timestamp' }])
}

export function isTerminal(event: string): boolean {
  return (terminalEvents as readonly string[]).includes(event)
}
