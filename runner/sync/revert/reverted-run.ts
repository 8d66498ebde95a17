/** The run that a revert undoes, and what can be said against undoing it before anything is read. */
import { ledgerRelations } from '../../audit/ledger.ts'
import { BackfeedError, type Problem } from '../../errors.ts'
import { suggestName } from '../../nearest-name.ts'
import type { StatementOptions, Warehouse } from '../../warehouse/warehouse.ts'
import type { SyncRun } from '../sync-run.ts'

export interface RevertedRun {
  runId: string
  sync: string
  kind: string
  target: string
  orgId: string
  planId: string
  /** A plan without a header never counted, so nothing of it was sent. */
  isPlanned: boolean
}

interface Asked {
  warehouse: Warehouse
  schema: string
  runId: string
  options: StatementOptions
}

/** @throws BackfeedError E-REV-UNKNOWN when no such run is recorded. */
export async function findRun({ warehouse, schema, runId, options }: Asked): Promise<RevertedRun> {
  const ledger = ledgerRelations(schema)
  const known = await warehouse.columns({ schema, name: 'sync_run' })
  const sql = `select r.sync_name, r.kind, r.target, r.org_id, r.plan_id, p.plan_id from ${ledger.sync_run} as r
left join ${ledger.sync_plan} as p on p.plan_id = r.plan_id where r.run_id = '${runId.replaceAll("'", "''")}'`
  const [row] = known === undefined ? [] : await warehouse.rows(sql, { ...options, max: 1 })
  if (row === undefined)
    throw new BackfeedError({
      code: 'E-REV-UNKNOWN',
      message: `no run ${JSON.stringify(runId)} is recorded`,
      help: 'see `backfeed history runs`',
    })
  const [sync, kind, target, orgId, planId, header] = row.map((cell) => cell ?? '')
  return {
    runId,
    sync: sync ?? '',
    kind: kind ?? '',
    target: target ?? '',
    orgId: orgId ?? '',
    planId: planId ?? '',
    isPlanned: Boolean(header),
  }
}

/** @throws BackfeedError E-REV-RUN when it is not one that this sync can undo. */
export function refuseOtherRun(run: SyncRun, reverted: RevertedRun): void {
  const { runId } = reverted
  if (reverted.kind !== 'run' || !reverted.isPlanned)
    throw refused(
      `${runId} sent nothing: it is ${reverted.kind === 'run' ? 'a run that ended before its plan' : 'a plan'}`,
    )
  if (reverted.sync !== run.sync.name) throw refused(`${runId} is a run of ${reverted.sync}, not of ${run.sync.name}`)
  if (reverted.target !== run.target.name)
    throw refused(`${runId} ran on target ${reverted.target}`, `add -t ${reverted.target}`)
  if (reverted.orgId !== run.org.orgId)
    throw refused(`${runId} wrote to another organisation than the one this target reaches now`)
}

/** API names of the fields to put back. @throws BackfeedError E-REV-RUN, E-REV-FIELD */
export async function fieldsOf(
  run: SyncRun,
  reverted: RevertedRun,
  asked: readonly string[] | undefined,
): Promise<string[]> {
  const sql = `select distinct field from ${run.context.run.ledger.sync_plan_field}
where plan_id = '${reverted.planId}' and action in ('set', 'clear') order by field`
  const rows = await run.warehouse.rows(sql, { ...run.options('revert'), max: 10_000 })
  const wrote = rows.map(([field]) => field ?? '')
  if (wrote.length === 0) throw refused(`${reverted.runId} wrote no field; there is nothing to undo`)
  if (asked === undefined) return wrote
  const problems: Problem[] = []
  const fields = asked.map((name) => {
    const field = wrote.find((known) => known.toLowerCase() === name.toLowerCase())
    if (field === undefined) problems.push(unknownField(reverted.runId, name, wrote))
    return field ?? name
  })
  if (problems.length > 0) throw new BackfeedError(problems)
  return [...new Set(fields)]
}

function unknownField(runId: string, name: string, wrote: readonly string[]): Problem {
  const hint = suggestName(name, wrote)
  return {
    code: 'E-REV-FIELD',
    message: `${runId} did not write ${JSON.stringify(name)}`,
    ...(hint === undefined ? {} : { hint }),
    help: `it wrote: ${wrote.slice(0, 20).join(', ')}`,
  }
}

function refused(message: string, help?: string): BackfeedError {
  return new BackfeedError({ code: 'E-REV-RUN', message, ...(help === undefined ? {} : { help }) })
}
