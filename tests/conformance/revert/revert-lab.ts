/** A sync of accounts or contacts in the lab, filled with two versions of its rows, for what undoes a run. */
import { systemPorts } from '../../../runner/ports.ts'
import { loadProject } from '../../../runner/project/load-project.ts'
import { pauseStatement } from '../../../runner/sync/pauses.ts'
import { type RevertRequest, revertPurpose } from '../../../runner/sync/revert/revert-purpose.ts'
import { openGuards, openLab, quoted, type RunOptions, type SyncLab } from '../sync-lab.ts'
import { packageEnvironment } from '../../support/package-environment.ts'
import type { TestWarehouseName } from '../../support/warehouses.ts'

export interface Row {
  id: string
  plan?: string | null
  score?: string | null
  note?: string | null
}

export interface RevertLab extends SyncLab {
  fill(rows: readonly Row[]): Promise<void>
  /** The run's id. */
  run(sync: string, options?: RunOptions): Promise<string>
  revert(sync: string, request: RevertRequest, options?: RunOptions): ReturnType<SyncLab['execute']>
  resume(sync: string): Promise<void>
  /** [field, reason] or ['', reason] of the latest plan of the sync, by key. */
  leftAlone(sync: string): Promise<(string | null)[][]>
  state(sync: string): Promise<(string | null)[][]>
}

export async function openRevertLab(name: TestWarehouseName): Promise<RevertLab> {
  const lab = await openLab(name)
  await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(80), score decimal(10,2), note varchar(80))')
  const environment = packageEnvironment(name)
  return {
    ...lab,
    fill: (rows) =>
      lab.exec(
        'delete from backfeed.rows_given',
        ...(rows.length === 0
          ? []
          : [
              `insert into backfeed.rows_given values ${rows
                .map(({ id, plan, score, note }) => `(${quoted(id)}, ${quoted(plan)}, ${score ?? 'null'}, ${quoted(note)})`)
                .join(', ')}`,
            ]),
      ),
    async run(sync, options) {
      const result = await lab.execute('run', sync, options)
      if (result.error) throw result.error
      return result.runId ?? ''
    },
    revert: (sync, request, options) => lab.execute('run', sync, { ...options, purpose: revertPurpose(request) }),
    resume: (sync) =>
      lab.exec(
        pauseStatement(
          { environment, actor: 'a test', target: { name: 'dev', type: name, schema: 'backfeed', threads: 1, settings: {} } },
          { event: 'resumed', sync },
        ),
      ),
    leftAlone: (sync) =>
      lab.query(`with last_plan as (select plan_id from backfeed.sync_plan where sync_name = '${sync}' order by plan_serial desc limit 1)
select row_key, field, reason from backfeed.sync_plan_field where plan_id in (select plan_id from last_plan) and action = 'kept'
union all
select row_key, '', reason from backfeed.sync_plan_row where plan_id in (select plan_id from last_plan) and decision = 'kept'
order by 1, 2`),
    state: (sync) => lab.query(`select * from backfeed.state_${sync} order by row_key`),
  }
}

export { loadProject, openGuards, systemPorts }
