/** The CRM part of `debug`: login, organisation, and for every sync its object, fields and key. */

import type { Destination, ObjectPermissions } from '../destination/destination.ts'
import { destinationTraits, openDestination } from '../destination/registry.ts'
import { BackfeedError } from '../errors.ts'
import { thousands } from '../output/plan-text.ts'
import type { Connection, Project, Sync, SyncMode, Target } from '../project/project.ts'
import { describeCrm } from '../sync/describe-crm.ts'
import { preflight } from '../sync/preflight.ts'
import { refuseOtherOrg } from '../sync/refuse-other-org.ts'
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
    const version = org.apiVersion === undefined ? '' : `, API ${org.apiVersion}`
    report({ name: `${name}: login`, status: 'ok', message: `${org.label}, ${org.environment}${version}` })
    refuseOtherOrg(connection, reached, org)
    await checkUsage(destination, { context, name, report })
    await checkSyncs(context, { ...o, destination })
  } catch (error) {
    report(failedCheck(`${name}: login`, error))
  } finally {
    await destination.close()
  }
}

/** Most of a day's calls in use: what still fits may be used by others first. */
const ALMOST_USED_UP = 0.9

interface UsageCheck {
  context: CommandContext
  name: string
  report: ConnectionCheck['report']
}

async function checkUsage(destination: Destination, { context, name, report }: UsageCheck): Promise<void> {
  const usage = await destination.usage(context.signal)
  if (usage === undefined) return
  const { used, max } = usage
  const warning = used >= max * ALMOST_USED_UP ? '; almost used up, runs may have to wait' : ''
  const message = `${thousands(used)} of ${thousands(max)} used in 24 hours${warning}`
  report({ name: `${name}: API calls`, status: 'ok', message })
}

type Reached = ConnectionCheck & { destination: Destination }

async function checkSyncs(context: CommandContext, o: Reached): Promise<void> {
  const syncs = [...o.project.syncs.values()].filter((sync) => sync.connection === o.connection.name)
  for (const object of new Set(syncs.map((sync) => sync.object))) {
    const needed = syncs.filter((sync) => sync.object === object).map((sync) => sync.mode)
    const check = await checkPermissions(context, o, { object, modes: needed }).catch(unlessDescribed)
    if (check !== undefined) o.report(check)
  }
  for (const sync of syncs) o.report(await checkSync(context, o, sync))
}

/** An object that cannot be described is reported by the checks of its syncs. */
function unlessDescribed(error: unknown): undefined {
  if (!(error instanceof BackfeedError)) throw error
}

const VERBS = ['read', 'create', 'update', 'delete'] as const
type Verb = (typeof VERBS)[number]

const NEEDED: Readonly<Record<SyncMode, readonly Verb[]>> = {
  upsert: ['read', 'create', 'update'],
  update: ['read', 'update'],
  create: ['read', 'create'],
}

async function checkPermissions(
  { signal }: CommandContext,
  { destination, connection }: Reached,
  { object, modes }: { object: string; modes: readonly SyncMode[] },
): Promise<Check | undefined> {
  const may = await destination.permissions(object, signal)
  if (may === undefined) return undefined
  const name = `${connection.type} ${connection.name}: ${object}`
  const allowed = VERBS.filter((verb) => may[verb]).join(', ') || 'nothing'
  const lacking = VERBS.filter((verb) => !may[verb] && modes.some((mode) => NEEDED[mode].includes(verb)))
  if (lacking.length === 0) return { name, status: 'ok', message: `may ${allowed}` }
  const problem = {
    code: 'E-CRM-SCOPE' as const,
    message: `the login may not ${lacking.join(' or ')} ${object} records; it may ${allowed}`,
    help: grantHelp(may, lacking),
  }
  return { name, status: 'error', message: problem.message, problems: [problem] }
}

function grantHelp({ grantedBy }: ObjectPermissions, lacking: readonly Verb[]): string {
  if (grantedBy === undefined) return 'add the object permission to the permission set of the integration user'
  const scopes = [...new Set(lacking.map((verb) => grantedBy[verb]))]
  return `add ${scopes.join(' and ')} to the scopes of the key or the app; an app with OAuth has to be installed again`
}

async function checkSync(
  { signal }: CommandContext,
  { destination, columns, connection }: Reached,
  sync: Sync,
): Promise<Check> {
  const name = `sync ${sync.name}`
  try {
    // What the login may do with the object has a line of its own.
    const { permissions: _, ...crm } = await describeCrm(destination, sync, signal)
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
