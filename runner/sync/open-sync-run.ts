/** Opens one sync for planning or running: who is the CRM, what are its fields, does the mapping fit, is the lease ours. */
import { auditSalt } from '../audit/chain.ts'
import { ledgerRelations } from '../audit/ledger.ts'
import { createRunLog, sha256 } from '../audit/run-log.ts'
import type { Destination, FieldDescription, OrgIdentity } from '../destination/destination.ts'
import { destinationTraits, openDestination } from '../destination/registry.ts'
import { BackfeedError, invariant, type Position, type Problem } from '../errors.ts'
import type { Connection, ConnectionTarget, Sync } from '../project/project.ts'
import type { Column } from '../warehouse/warehouse.ts'
import { type CrmSchema, describeCrm } from './describe-crm.ts'
import { acquireLease, type Lease } from './lease.ts'
import { preflight } from './preflight.ts'
import { refuseOtherOrg } from './refuse-other-org.ts'
import { noFormerColumn } from './rekey-purpose.ts'
import { modelChanged } from './removals/model-changed.ts'
import { removalLimits } from './removals/removal-limits.ts'
import { activePhase, type RolloutPlace } from './rollout/active-phase.ts'
import { contextRollout } from './rollout/context-rollout.ts'
import { openRunJournal } from './run-journal.ts'
import type { Session } from './session.ts'
import { timestampOf } from './settle-run.ts'
import { transformedFields } from './stored-values.ts'
import { buildSyncContext, findColumn, type SyncContext } from './sync-context.ts'
import type { RunContext, SyncRun } from './sync-run.ts'
import type { RelatedObjects } from './value-description.ts'
import { nowText, skewWarning } from './warehouse-clock.ts'

/** A sync's CRM side, looked at before the models are built, so that a wrong token costs no warehouse time. */
export interface ReachedCrm extends CrmSchema {
  type: Connection['type']
  destination: Destination
  org: OrgIdentity
}

export async function reachCrm(session: Session, sync: Sync): Promise<ReachedCrm> {
  const reaching = connectionOf(session, sync)
  const { connection, target } = reaching
  const destination = await openDestination({
    ...reaching,
    ...(session.emulatorUrl === undefined ? {} : { emulatorUrl: session.emulatorUrl }),
    limits: sync.limits,
    ports: session.ports,
    clientTag: session.clientTag,
  }).catch((error: unknown) => {
    throw located(error, sync, reaching)
  })
  try {
    const org = await destination.identify(session.signal)
    refuseOtherOrg(connection, target, org)
    return {
      type: connection.type,
      destination,
      org,
      ...(await describeCrm(destination, sync, session.signal)),
    }
  } catch (error) {
    await destination.close()
    throw located(error, sync, reaching)
  }
}

/** The key of the connection that each error is about. */
const settingOf: Readonly<Record<string, readonly string[]>> = {
  'E-CRM-AUTH': ['access_token', 'client_secret', 'private_key', 'private_key_file', 'refresh_token'],
  'E-CRM-VERSION': ['api_version'],
  'E-CFG-KEY': ['private_key', 'private_key_file'],
  'E-CRM-SCOPE': ['access_token', 'client_secret'],
  'E-CRM-UNREACHABLE': addressKeys(),
  'E-CRM-ANSWER': addressKeys(),
  'E-TGT-HOST': addressKeys(),
  'E-TGT-ORG': ['expect'],
}

function addressKeys(): string[] {
  return ['instance_url', 'base_url', 'login_url']
}

/** Errors about the object are the sync's, all others the connection's. */
function located(error: unknown, sync: Sync, { connection, target }: Reaching): unknown {
  if (!(error instanceof BackfeedError)) return error
  const problems = error.problems.map((problem) => ({ ...problem, at: problem.at ?? placeOf(problem) }))
  return new BackfeedError(problems, { exitCode: error.exitCode, cause: error.cause })

  function placeOf({ code }: Problem): Position {
    if (code.startsWith('E-MAP-')) return sync.objectAt ?? sync.at
    const key = settingOf[code]?.find((name) => target.settingsAt?.[name])
    return (key === undefined ? undefined : target.settingsAt?.[key]) ?? target.at ?? connection.at
  }
}

interface Reaching {
  connection: Connection
  target: ConnectionTarget
}

function connectionOf(session: Session, sync: Sync): Reaching {
  const connection = session.project.connections.get(sync.connection)
  invariant(connection, `connection ${sync.connection} was checked while loading`)
  const target = connection.targets.get(session.target.name)
  if (!target) {
    const known = [...connection.targets.keys()].join(', ')
    throw new BackfeedError({
      code: 'E-TGT-UNREACHABLE',
      message: `target ${session.target.name} may not reach connection ${connection.name}`,
      at: sync.connectionAt ?? sync.at,
      help:
        known === '' ? 'list the target under the connection in project.yml' : `targets of this connection: ${known}`,
    })
  }
  return { connection, target }
}

export async function openSyncRun(session: Session, sync: Sync, crm: ReachedCrm): Promise<SyncRun> {
  const context = await checkedContext(session, sync, crm)
  const runId = `run_${session.ports.random.hex(9)}`
  const options = (step: string) => session.options({ run: runId, sync: sync.name, step })
  const ledger = ledgerRelations(session.target.schema)
  session.ports.crashPoints.at('CP01')
  const lease = await acquireLease({
    ...session,
    table: ledger.sync_lease,
    resource: `${crm.org.orgId}/${sync.link?.of ?? sync.association?.of ?? sync.name}`,
    waitMs: session.locked.waitMs,
    runId,
    options,
  })
  const skew = skewWarning(lease.clock.aheadMs())
  if (skew) session.onEvent({ kind: 'warning', problem: skew })
  const rollout = await activePhase(rolloutPlace(session, crm.org.orgId, options), sync).catch(
    async (error: unknown) => {
      await lease.release()
      throw error
    },
  )
  const log = createRunLog({
    schema: session.target.schema,
    runId,
    epoch: lease.epoch,
    nowUtc: () => nowText({ lease }),
    auditKey: session.auditKey,
    previousHash: await previousHash(session, { sync: sync.name, orgId: crm.org.orgId, ledger, options }),
  })
  const run: SyncRun = {
    ...session,
    sync,
    ...crm,
    lease,
    log,
    ...(rollout && { rollout }),
    traits: destinationTraits(crm.type),
    options,
    context: {
      // The phase is read under the lease: nobody changes it from here on.
      sync: { ...context, rollout: contextRollout(sync, { fingerprint: context.fingerprint, phase: rollout?.name }) },
      run: await runContext(session, { sync, lease, runId, ledger, orgId: crm.org.orgId }),
    },
    progress: (message, done, total) =>
      session.onEvent({
        kind: 'progress',
        sync: sync.name,
        message,
        ...(done === undefined ? {} : { done }),
        ...(total === undefined ? {} : { total }),
      }),
  }
  await markTransformed(run)
  return { ...run, ...journalOf(session, run) }
}

/** A warehouse in a local file is as close as a journal would be. */
function journalOf(session: Session, run: SyncRun): Pick<SyncRun, 'journal'> {
  const { journal } = session.ports
  if (journal === undefined || run.verb !== 'run' || run.warehouse.capabilities.exclusiveFile === 'yes') return {}
  const owner = { runId: run.context.run.id, orgId: run.org.orgId, planId: run.context.run.plan_id }
  const warn = (problem: Problem) => session.onEvent({ kind: 'warning', problem })
  return { journal: openRunJournal({ journal, dir: run.project.dir, owner, warn }) }
}

function rolloutPlace(session: Session, orgId: string, options: RolloutPlace['options']): RolloutPlace {
  const { warehouse, target } = session
  return { warehouse, table: `${target.schema}.sync_rollout`, target: target.name, orgId, options }
}

async function markTransformed(run: SyncRun): Promise<void> {
  const transformed = await transformedFields(run)
  for (const field of run.context.sync.fields) field.transforms = transformed.has(field.to)
}

interface ChainOf {
  sync: string
  orgId: string
  ledger: RunContext['ledger']
  options: SyncRun['options']
}

/** The last event of the run before this one; '' for the first run of a sync. */
async function previousHash(session: Session, { sync, orgId, ledger, options }: ChainOf): Promise<string> {
  const sql = `select e.hash from ${ledger.sync_run_event} as e
join ${ledger.sync_run} as r on r.run_id = e.run_id
where r.sync_name = '${sync}' and r.org_id = '${orgId}'
order by r.epoch desc, e.chain_no desc limit 1`
  const rows = await session.warehouse.rows(sql, { ...options('chain'), max: 1 })
  return rows[0]?.[0] ?? ''
}

async function checkedContext(session: Session, sync: Sync, crm: ReachedCrm): Promise<SyncContext> {
  const model = session.modelOf(sync)
  const columns = await session.warehouse.columns(model.relation)
  if (!columns) throw missingModel(sync, `${model.relation.schema}.${model.relation.name}`)
  refuse(preflight({ ...crm, sync, model: model.name, columns }))
  const { description, related } = crm
  const { formerKey } = session.purpose
  for (const name of formerKey ?? []) if (!findColumn(columns, name)) throw noFormerColumn(sync, name, columns)
  return syncContext(session, { sync, columns, description, related, ...(formerKey && { formerKey }) })
}

export interface ContextInput {
  sync: Sync
  columns: readonly Column[]
  description: readonly FieldDescription[]
  related?: RelatedObjects
  formerKey?: readonly string[]
}

export function syncContext(
  session: Pick<Session, 'project' | 'target' | 'environment' | 'modelOf'>,
  input: ContextInput,
): SyncContext {
  const model = session.modelOf(input.sync)
  const connection = session.project.connections.get(input.sync.connection)
  invariant(connection, 'the connection was checked while loading')
  return buildSyncContext({
    ...input,
    schema: session.target.schema,
    relation: `${model.relation.schema}.${model.relation.name}`,
    properties: model.properties,
    destination: connection.type,
    traits: destinationTraits(connection.type),
    quote: (name) => session.environment.call('sql.identifier', [name]),
  })
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new BackfeedError(problems)
}

function missingModel(sync: Sync, relation: string): BackfeedError {
  return new BackfeedError({
    code: 'E-SQL-MISSING',
    message: `${relation} does not exist in the warehouse`,
    at: sync.model.at,
    help: 'build the model first, or correct the source',
  })
}

interface RunContextRequest {
  sync: Sync
  lease: Lease
  runId: string
  ledger: RunContext['ledger']
  orgId: string
}

async function runContext(
  session: Session,
  { sync, lease, runId, ledger, orgId }: RunContextRequest,
): Promise<RunContext> {
  const nowMs = lease.clock.earliestMs()
  const source = session.purpose.source?.(sync)
  const sql = `select max(epoch) from ${ledger.sync_run} where kind = 'run' and sync_name = '${sync.name}' and target = '${session.target.name}'`
  const options = (step: string) => session.options({ run: runId, sync: sync.name, step })
  const rows = await session.warehouse.rows(sql, { ...options('trace'), max: 1 })
  return {
    id: runId,
    plan_id: `plan_${session.ports.random.hex(9)}`,
    org_id: orgId,
    epoch: lease.epoch,
    source_plan_id: source?.planId ?? null,
    trace:
      source?.trace ??
      sha256(`${session.project.name}/${session.target.name}/${sync.name}/${rows[0]?.[0] ?? 'first'}`).slice(0, 10),
    now: timestampOf(session, new Date(nowMs).toISOString()),
    audit_salt: auditSalt(session.project.name, session.auditKey),
    whole: session.purpose.whole ?? false,
    repairs: session.purpose.repairs ?? false,
    keys: session.purpose.keys ?? [],
    resolution_seq: 0,
    removal: removalLimits({
      ...session,
      sync,
      nowMs,
      modelChanged: await modelChanged(session, { sync, ledger, orgId, options }),
    }),
    ledger,
  }
}
