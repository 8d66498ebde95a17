import { ledgerRelations } from '../audit/ledger.ts'
import { ExitCode } from '../errors.ts'
import type { Sync } from '../project/project.ts'
import { emptyResult } from './empty-result.ts'
import type { SyncResult } from './execute-sync.ts'
import type { Session } from './session.ts'

/** The run that already ended well under this `--run-key`, so that an orchestrator's second attempt does nothing. */
export async function appliedRun(session: Session, sync: Sync): Promise<string | undefined> {
  if (session.verb !== 'run' || session.runKey === undefined) return undefined
  const ledger = ledgerRelations(session.target.schema)
  const sql = `select r.run_id from ${ledger.sync_run} as r
join ${ledger.sync_run_event} as e on e.run_id = r.run_id and e.event = 'succeeded'
where r.kind = 'run' and r.sync_name = '${sync.name}' and r.target = '${session.target.name}' and r.run_key = '${session.runKey.replaceAll("'", "''")}' limit 1`
  const rows = await session.warehouse.rows(sql, {
    ...session.options({ run: session.invocationId, sync: sync.name, step: 'run key' }),
    max: 1,
  })
  return rows[0]?.[0] ?? undefined
}

/** What the first attempt could not find out is still open, and the second says so too. */
export async function alreadyApplied(session: Session, { name }: Sync, runId: string): Promise<SyncResult> {
  const state = { schema: session.target.schema, name: `state_${name}` }
  const options = session.options({ run: session.invocationId, sync: name, step: 'run key' })
  const sql = `select count(*) from ${state.schema}.${state.name} where disposition = 'unknown'`
  const known = (await session.warehouse.columns(state)) !== undefined
  const rows = known ? await session.warehouse.rows(sql, { ...options, max: 1 }) : []
  const unresolved = Number(rows[0]?.[0] ?? 0)
  const exitCode = unresolved > 0 ? ExitCode.unknownOutcomes : ExitCode.ok
  const message = `already applied by ${runId}`
  return { ...emptyResult(name), runId, status: 'already applied', exitCode, unresolved, message }
}
