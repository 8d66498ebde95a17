/** State from the append-only log alone: the proof that state is a fold of it, and the way back when it is lost. */
import { splitStatements } from '../compile/split-statements.ts'
import { packageContext, renderPackageModel } from './materialize.ts'
import { stateColumns } from './state-table.ts'
import type { SyncRun } from './sync-run.ts'

/** Columns that only pace retries, and removals: a rebuilt row is tried again at once and removed later, which is safe. */
const pacing = new Set(['attempts', 'next_attempt_at', 'missed_at', 'missed_by'])

export function rebuiltColumns(run: Pick<SyncRun, 'context'>): string[] {
  return stateColumns(run.context.sync)
    .map((column) => column.name)
    .filter((name) => !pacing.has(name))
}

/** Replaces state by what the log says. Values the audit did not keep in full are unknown afterwards, so they are read again. */
export async function rebuildState(run: SyncRun): Promise<void> {
  const { state, work } = run.context.sync
  const rebuilt = renderPackageModel(run.environment, 'rebuilt', packageContext(run))
  await run.warehouse.atomic(rebuilt.statements, run.options('rebuild'))
  const columns = rebuiltColumns(run)
  const insert = run.environment.call('sql.insert_select', [
    state,
    columns,
    `select ${columns.join(', ')} from ${work.rebuilt}`,
  ])
  await run.warehouse.atomic([`delete from ${state}`, ...splitStatements(insert)], run.options('rebuild'))
}
