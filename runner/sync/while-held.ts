/**
 * Statements that do nothing once somebody else holds the lease. A runner that slept through its lease may wake up between its
 * last look at it and its next write, so the write looks for itself; renewing first keeps the lease from being taken meanwhile.
 */
import { BackfeedError, ExitCode, invariant } from '../errors.ts'
import type { AtomicStep } from '../warehouse/warehouse.ts'
import { timestampOf } from './settle-run.ts'
import type { SyncRun } from './sync-run.ts'

/** Rows of `relation`, or none; to be read from like a table. */
export function rowsWhileHeld(run: SyncRun, relation: string): string {
  return `(select * from ${relation} where exists (${run.lease.heldQuery})) as held`
}

const numbers = new Set(['epoch', 'seq', 'chain_no'])

/** An append of one row to the log of events, made only while the lease is held. */
export function eventWhileHeld(run: SyncRun, event: AtomicStep): string {
  invariant(typeof event !== 'string' && event.rows.length === 1, 'an event is one row of the log')
  const cells = event.columns.map((column, index) => literal(run, column, event.rows[0]?.[index] ?? null))
  // Several rows of one lease are still one lease.
  return `insert into ${event.table.schema}.${event.table.name} (${event.columns.join(', ')})
select ${cells.join(', ')} from (select distinct holder from (${run.lease.heldQuery}) as rows_of_lease) as held`
}

/** Appends, and the event that vouches for them, which goes into the log only while the lease is held. */
export function sealedWhileHeld(run: SyncRun, appends: readonly AtomicStep[]): AtomicStep[] {
  const sealed = run.log.sealed(appends)
  const event = sealed.at(-1)
  return sealed.length === appends.length || event === undefined ? sealed : [...appends, eventWhileHeld(run, event)]
}

function literal(run: SyncRun, column: string, cell: string | null): string {
  if (cell === null) return 'null'
  if (numbers.has(column)) return cell
  if (column === 'logged_at') return timestampOf(run, cell)
  return run.environment.call('sql.text_literal', [cell])
}

/** Throws E-RUN-FENCED when the event that ends the run did not get into the log: what it was part of did not happen either. */
export async function confirmEnded(run: SyncRun, event: AtomicStep): Promise<void> {
  const { id, ledger } = run.context.run
  const seq = typeof event === 'string' ? null : event.rows[0]?.[event.columns.indexOf('seq')]
  const sql = `select count(*) from ${ledger.sync_run_event} where run_id = '${id}' and epoch = ${run.lease.epoch} and seq = ${seq}`
  const rows = await run.warehouse.rows(sql, { ...run.options('settle'), max: 1 })
  if (Number(rows[0]?.[0]) > 0) return
  throw new BackfeedError(
    {
      code: 'E-RUN-FENCED',
      message: `another run took ${run.sync.name} over before this one could record its end`,
      help: 'what was sent is recorded; look at backfeed history runs',
    },
    { exitCode: ExitCode.leaseHeld },
  )
}
