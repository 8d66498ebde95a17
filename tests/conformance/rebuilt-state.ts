/** Whether state, thrown away and rebuilt from the log, is the same table. */
import { systemPorts } from '../../runner/ports.ts'
import { openSession } from '../../runner/sync/open-session.ts'
import { openSyncRun, reachCrm } from '../../runner/sync/open-sync-run.ts'
import { rebuildState, rebuiltColumns } from '../../runner/sync/rebuild-state.ts'
import type { SyncLab } from './sync-lab.ts'

export async function rebuiltEqualsState(lab: SyncLab, name: string): Promise<boolean> {
  const { project, target } = lab.loaded()
  const sync = project.syncs.get(name)
  if (!sync) throw new Error(`no sync ${name}`)
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
  const select = `select ${rebuiltColumns(run).join(', ')} from ${run.context.sync.state} order by row_key`
  const read = () => session.warehouse.rows(select, { ...run.options('read'), max: 1_000 })
  try {
    const before = JSON.stringify(await read())
    await rebuildState(run)
    const after = JSON.stringify(await read())
    if (before !== after) console.log(`folded:\n${before}\nrebuilt:\n${after}`)
    return before === after
  } finally {
    await run.lease.release()
    await crm.destination.close()
    await session.close()
  }
}
