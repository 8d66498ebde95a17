/** Opens what a command needs for its syncs: warehouse, templates, compiled models, our own tables. */
import { actorOf, type Environment, gitSha } from '../audit/actor.ts'
import { ensureLedger } from '../audit/ledger.ts'
import { currentViews } from '../audit/views.ts'
import type { CompiledModel } from '../compile/compile.ts'
import { compileModels } from '../compile/compile-models.ts'
import { sourceRelation } from '../compile/relations.ts'
import { BackfeedError, invariant } from '../errors.ts'
import { newUuid } from '../new-uuid.ts'
import type { Ports } from '../ports.ts'
import type { Project, Sync, Target } from '../project/project.ts'
import { toolVersion } from '../tool-version.ts'
import { openWarehouse, warehouseAdapter } from '../warehouse/registry.ts'
import type { StatementOptions } from '../warehouse/warehouse.ts'
import { afterGrace, defaultGraceMs } from './grace.ts'
import type { Purpose } from './purpose.ts'
import { modelHash } from './removals/removal-limits.ts'
import type { Session, SyncEvent, SyncModel, WhenLocked } from './session.ts'
import { syncPurpose } from './sync-purpose.ts'
import type { Allowance, Verb } from './sync-run.ts'

export interface SessionRequest {
  /** `plan` ends before the first write call. */
  verb: Verb
  /** Default: the common run of a sync. */
  purpose?: Purpose
  project: Project
  target: Target
  env: Environment
  ports: Ports
  signal: AbortSignal
  onEvent: (event: SyncEvent) => void
  allowance?: Allowance
  /** Default: fail at once. */
  locked?: WhenLocked
  /** How long requests under way are waited for once `signal` has come; default 25 s. */
  graceMs?: number
  runKey?: string
  emulatorUrl?: string
  /** Default: the adapter of the target's type. */
  openWarehouse?: typeof openWarehouse
}

export interface OpenSession extends Session {
  models: readonly CompiledModel[]
  close(): Promise<void>
}

/** Long enough for a first load of a large table; every statement has a deadline. */
const statementTimeoutMs = 3_600_000

export async function openSession(request: SessionRequest): Promise<OpenSession> {
  const { project, target, env } = request
  const invocationId = newUuid(request.ports.random)
  const { models, environment, warnings } = compileModels({
    project,
    target,
    dialectChain: warehouseAdapter(target.type).dialectChain,
    env,
    runStartedAt: new Date(request.ports.clock.nowMs()).toISOString(),
    invocationId,
  })
  for (const problem of warnings) request.onEvent({ kind: 'warning', problem })
  const options = statementOptions(request, invocationId)
  const warehouse = await (request.openWarehouse ?? openWarehouse)(target, { projectDir: project.dir })
  try {
    const places = { environment, schema: target.schema, auditSchema: project.audit.schema }
    await ensureLedger({
      ...places,
      warehouse,
      views: currentViews({ ...places, target: { name: target.name, type: target.type } }),
      options: (step) => options({ run: invocationId, sync: '', step }),
    })
  } catch (error) {
    await warehouse.close()
    throw error
  }
  const sha = await gitSha(project.dir)
  const grace = afterGrace(request.ports.clock, request.signal, request.graceMs ?? defaultGraceMs)
  return {
    ...request,
    purpose: request.purpose ?? syncPurpose,
    invocationId,
    actor: actorOf(env),
    ...(sha === undefined ? {} : { gitSha: sha }),
    clientTag: `backfeed/${toolVersion()}`,
    auditKey: env.BACKFEED_AUDIT_KEY ?? '',
    allowance: request.allowance ?? { limits: {} },
    locked: request.locked ?? { waitMs: 0, after: 'fail' },
    inFlight: grace.signal,
    warehouse,
    environment,
    models,
    modelOf: (sync) => syncModel({ project, target, models }, sync),
    modelHashOf: (sync) => modelHash(project, models, sync),
    options,
    close() {
      grace.stop()
      return warehouse.close()
    },
  }
}

function statementOptions(
  request: SessionRequest,
  invocationId: string,
): (tag: StatementOptions['tag']) => StatementOptions {
  let count = 0
  return (tag) => {
    count += 1
    return { id: `${invocationId}-${count}`, tag, signal: request.signal, timeoutMs: statementTimeoutMs }
  }
}

/** The relation a sync reads: a model, a seed or a declared source. */
export function syncModel(
  { project, target, models }: { project: Project; target: Target; models: readonly CompiledModel[] },
  sync: Sync,
): SyncModel {
  const { model } = sync
  if (model.kind === 'source') {
    const source = project.sources.get(`${model.source}.${model.table}`)
    if (!source)
      throw new BackfeedError({
        code: 'E-TPL-REF',
        message: `source ${model.source}.${model.table} is not declared`,
        at: model.at,
      })
    return { name: `${model.source}.${model.table}`, relation: sourceRelation(source), properties: source.columns }
  }
  const compiled = models.find((candidate) => candidate.name === model.name)
  if (compiled)
    return {
      name: model.name,
      relation: compiled.relation,
      properties: project.models.get(model.name)?.columns ?? new Map(),
    }
  const seed = project.seeds.get(model.name)
  invariant(seed, 'refs of syncs are checked while loading')
  return { name: model.name, relation: { schema: target.schema, name: seed.name }, properties: seed.columns }
}
