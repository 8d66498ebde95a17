/** A sync of accounts or contacts in the lab, filled with two versions of its rows, for what undoes a run. */
import { systemPorts } from '../../../runner/ports.ts'
import { loadProject } from '../../../runner/project/load-project.ts'
import { materialize } from '../../../runner/sync/materialize.ts'
import { openSession } from '../../../runner/sync/open-session.ts'
import { openSyncRun, reachCrm } from '../../../runner/sync/open-sync-run.ts'
import { pauseStatement } from '../../../runner/sync/pauses.ts'
import { rebuiltColumns } from '../../../runner/sync/rebuild-state.ts'
import { type RevertRequest, revertPurpose } from '../../../runner/sync/revert/revert-purpose.ts'
import type { TextRow } from '../../../runner/warehouse/warehouse.ts'
import { packageEnvironment } from '../../support/package-environment.ts'
import type { TestWarehouseName } from '../../support/warehouses.ts'
import { openLab, quoted, type RunOptions, type SyncLab } from '../sync-lab.ts'

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
  leftAlone(sync: string): Promise<TextRow[]>
  /** State as it is and as the log alone says it should be. */
  stateAndRebuilt(sync: string): Promise<{ state: unknown; rebuilt: unknown }>
}

export async function openRevertLab(name: TestWarehouseName): Promise<RevertLab> {
  const lab = await openLab(name)
  await lab.exec(
    'create table backfeed.rows_given (id varchar(40), plan varchar(80), score decimal(10,2), note varchar(80))',
  )
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
                .map(
                  ({ id, plan, score, note }) =>
                    `(${quoted(id)}, ${quoted(plan)}, ${score ?? 'null'}, ${quoted(note)})`,
                )
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
          {
            environment,
            actor: 'a test',
            target: { name: 'dev', type: name, schema: 'backfeed', threads: 1, settings: {} },
          },
          { event: 'resumed', sync },
        ),
      ),
    leftAlone: (sync) =>
      lab.query(`with last_plan as (select plan_id from backfeed.sync_plan where sync_name = '${sync}' order by plan_serial desc limit 1)
select row_key, field, reason from backfeed.sync_plan_field where plan_id in (select plan_id from last_plan) and action = 'kept'
union all
select row_key, '', reason from backfeed.sync_plan_row where plan_id in (select plan_id from last_plan) and decision = 'kept'
order by 1, 2`),
    stateAndRebuilt: (sync) => stateAndRebuilt(lab, sync),
  }
}

async function stateAndRebuilt(lab: SyncLab, name: string) {
  const project = loadProject({ dir: lab.dir, env: {} })
  const target = project.targets.get('dev')
  const sync = project.syncs.get(name)
  if (!target || !sync) throw new Error(`no sync ${name}`)
  await lab.opened.warehouse.release()
  const session = await openSession({
    verb: 'plan',
    project,
    target,
    env: {},
    ports: systemPorts(),
    signal: new AbortController().signal,
    onEvent: () => {},
    emulatorUrl: lab.emulator.url,
  })
  const crm = await reachCrm(session, sync)
  const run = await openSyncRun(session, sync, crm)
  const columns = ['row_key', ...rebuiltColumns(run).filter((column) => column !== 'row_key')]
  const read = (table: string) =>
    session.warehouse.rows(`select ${columns.join(', ')} from ${table} order by row_key`, {
      ...run.options('read'),
      max: 1_000,
    })
  try {
    await materialize(run, ['rebuilt'])
    return { state: await read(run.context.sync.state), rebuilt: await read(run.context.sync.work.rebuilt) }
  } finally {
    await run.lease.release()
    await crm.destination.close()
    await session.close()
  }
}
