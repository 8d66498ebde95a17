/** The CRM part of `debug`: login, organisation, and for every sync its object, fields and key. */

import type { Destination } from '../destination/destination.ts'
import { destinationTraits, openDestination } from '../destination/registry.ts'
import type { Connection, Project, Sync, Target } from '../project/project.ts'
import { describeCrm } from '../sync/describe-crm.ts'
import { refuseOtherOrg } from '../sync/open-sync-run.ts'
import { preflight } from '../sync/preflight.ts'
import { type Check, failedCheck } from './check.ts'
import type { ModelColumns } from './check-warehouse.ts'
import type { CommandContext } from './command.ts'

export interface ConnectionCheck {
  project: Project
  target: Target
  connection: Connection
  columns: ModelColumns
  report: (check: Check) => void
}

export async function checkConnection(context: CommandContext, o: ConnectionCheck): Promise<void> {
  const { connection, target, report } = o
  const name = `${connection.type} ${connection.name}`
  const reached = connection.targets.get(target.name)
  if (reached === undefined)
    return report({ name, status: 'skipped', message: `target ${target.name} may not reach this connection` })
  const emulatorUrl = context.env.BACKFEED_EMULATOR_URL
  const destination = await openDestination({
    connection,
    target: reached,
    limits: { concurrency: 1 },
    ports: context.ports,
    clientTag: `backfeed/${context.version}`,
    ...(emulatorUrl === undefined ? {} : { emulatorUrl }),
  }).catch((error: unknown) => report(failedCheck(`${name}: settings`, error)))
  if (destination === undefined) return
  try {
    const org = await destination.identify(context.signal)
    report({ name: `${name}: login`, status: 'ok', message: `${org.label}, ${org.environment}` })
    refuseOtherOrg(connection, reached, org)
    await checkSyncs(context, { ...o, destination })
  } catch (error) {
    report(failedCheck(`${name}: login`, error))
  } finally {
    await destination.close()
  }
}

type Reached = ConnectionCheck & { destination: Destination }

async function checkSyncs(context: CommandContext, o: Reached): Promise<void> {
  const syncs = [...o.project.syncs.values()].filter((sync) => sync.connection === o.connection.name)
  for (const sync of syncs) o.report(await checkSync(context, o, sync))
}

async function checkSync(
  { signal }: CommandContext,
  { destination, columns, connection }: Reached,
  sync: Sync,
): Promise<Check> {
  const name = `sync ${sync.name}`
  try {
    const crm = await describeCrm(destination, sync, signal)
    const known = columns.get(sync.name)
    const problems = preflight({ ...crm, sync, model: modelName(sync), ...(known && { columns: known }) })
    if (problems.length > 0) return { name, status: 'error', message: problems[0]?.message ?? '', problems }
    const model = known === undefined ? 'model not built yet, its columns were not checked' : 'columns fit'
    const batch = destinationTraits(connection.type).maxBatchSize
    const fields = `${sync.object}: ${sync.fields.length} fields writable, matched by ${sync.match.field}`
    return { name, status: 'ok', message: `${fields}; ${model}; ${batch} rows per request` }
  } catch (error) {
    return failedCheck(name, error)
  }
}

function modelName({ model }: Sync): string {
  return model.kind === 'ref' ? model.name : `${model.source}.${model.table}`
}
