import { BackfeedError, ExitCode } from '../errors.ts'
import type { SyncRun } from './sync-run.ts'

/** What another organisation acknowledged says nothing about this one: the sync's state belongs to the first it was run against. */
export async function refuseOtherOrgsState(run: SyncRun): Promise<void> {
  const { ledger } = run.context.run
  const sql = `select r.org_id from ${ledger.sync_run} as r
where r.kind = 'run' and r.sync_name = '${run.sync.name}' and r.run_id <> '${run.context.run.id}' and r.org_id <> '${run.org.orgId}'
order by r.epoch desc limit 1`
  const rows = await run.warehouse.rows(sql, { ...run.options('start'), max: 1 })
  const other = rows[0]?.[0]
  if (!other) return
  throw new BackfeedError(
    {
      code: 'E-TGT-ORG',
      message: `${run.sync.name} was run against ${other} before; this connection leads to ${run.org.orgId}`,
      at: run.sync.at,
      help: 'use a target with its own schema for the other organisation, or rename the sync',
    },
    { exitCode: ExitCode.refused },
  )
}
