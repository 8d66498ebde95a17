/** State as it was folded run by run, and as the log alone gives it. */
import { systemPorts } from '../../runner/ports.ts'
import { loadProject } from '../../runner/project/load-project.ts'
import { openSession } from '../../runner/sync/open-session.ts'
import { openSyncRun, reachCrm } from '../../runner/sync/open-sync-run.ts'
import { rebuildState, rebuiltColumns } from '../../runner/sync/rebuild-state.ts'
import type { PipelineProject } from './pipeline-project.ts'

/** Rows of key, disposition and every column that is rebuilt, by key. */
export async function rebuildAndCompare(project: PipelineProject) {
  const loaded = loadProject({ dir: project.dir, env: {} })
  const target = loaded.targets.get('dev')
  const sync = loaded.syncs.get('accounts')
  if (!target || !sync) throw new Error('the project has a target and a sync')
  const session = await openSession({
    verb: 'plan',
    project: loaded,
    target,
    env: {},
    ports: systemPorts(),
    signal: new AbortController().signal,
    onEvent: () => {},
    emulatorUrl: project.emulator.url,
  })
  const crm = await reachCrm(session, sync)
  const run = await openSyncRun(session, sync, crm)
  const others = rebuiltColumns(run).filter((column) => !['row_key', 'disposition'].includes(column))
  const select = `select row_key, disposition, ${others.join(', ')} from ${run.context.sync.state} order by row_key`
  const read = () => session.warehouse.rows(select, { ...run.options('read'), max: 1_000 })
  try {
    const before = await read()
    await rebuildState(run)
    return { before, after: await read() }
  } finally {
    await run.lease.release()
    await crm.destination.close()
    await session.close()
  }
}
