import { sha256 } from '../audit/run-log.ts'
import { BackfeedError, ExitCode } from '../errors.ts'
import { lastSettledRun } from './last-settled.ts'
import type { SyncRun } from './sync-run.ts'

/**
 * What another organisation acknowledged says nothing about this one. Where the connection pins the organisation it has reached
 * (a refreshed sandbox, whose new id somebody wrote down), its state is set aside and this one starts, or goes on, with its own.
 * Without a pin nobody has said that the change is meant: E-TGT-ORG, exit 3.
 */
export async function refuseOtherOrgsState(run: SyncRun): Promise<void> {
  const before = (await lastSettledRun(run))?.orgId
  if (before === undefined || before === run.org.orgId) return
  if (pinnedOrg(run) === undefined) throw otherOrg(run, before)
  await setStateAside(run, before)
}

function pinnedOrg({ project, sync, target }: SyncRun): string | undefined {
  return project.connections.get(sync.connection)?.targets.get(target.name)?.expect?.orgId
}

function otherOrg({ sync, org }: SyncRun, before: string): BackfeedError {
  return new BackfeedError(
    {
      code: 'E-TGT-ORG',
      message: `${sync.name} was run against ${before} before; this connection leads to ${org.orgId}`,
      at: sync.at,
      help: `if this is meant, pin it (expect: {org_id: …} or {portal_id: …} on the connection's target): state starts empty there and what it was told of ${before} is kept`,
    },
    { exitCode: ExitCode.refused },
  )
}

/** Each organisation keeps a state of its own under a name of its own; done again it changes nothing. */
async function setStateAside(run: SyncRun, before: string): Promise<void> {
  const { schema } = run.target
  const current = `state_${run.sync.name}`
  const exists = async (name: string) => (await run.warehouse.columns({ schema, name })) !== undefined
  const rename = (from: string, to: string) =>
    run.warehouse.atomic([run.environment.call('sql.rename_table', [`${schema}.${from}`, to])], run.options('state'))
  const aside = keptName(run, before)
  if ((await exists(current)) && !(await exists(aside))) await rename(current, aside)
  const own = keptName(run, run.org.orgId)
  if ((await exists(own)) && !(await exists(current))) await rename(own, current)
}

function keptName({ sync }: SyncRun, orgId: string): string {
  return `kept_${sha256(orgId).slice(0, 6)}_${sync.name}`
}
