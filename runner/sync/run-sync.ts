/** `plan` and `run` over the selected syncs: reach the CRMs, build the models, then one sync after the other. One code path. */
import { BackfeedError, ExitCode } from '../errors.ts'
import type { Sync } from '../project/project.ts'
import { buildModels, type ModelResult } from './build-models.ts'
import { checkSyncs, joinErrors } from './check-syncs.ts'
import { alreadyApplied, executeSync, type SyncResult } from './execute-sync.ts'
import { type OpenSession, openSession, type SessionRequest } from './open-session.ts'
import { type ReachedCrm, reachCrm } from './open-sync-run.ts'
import type { ReportOptions } from './plan-report.ts'
import { preflight } from './preflight.ts'
import { appliedRun } from './run-key.ts'
import { upstreamModels } from './upstream-models.ts'
import { worstExit } from './worst-exit.ts'

export interface ExecuteRequest extends SessionRequest {
  /** In the order in which they run; see orderSyncs(). */
  syncs: readonly Sync[]
  report: ReportOptions
  /** While the warehouse is still open. */
  beforeClose?: (session: OpenSession, result: ExecuteResult) => Promise<void>
}

export interface ExecuteResult {
  invocationId: string
  models: readonly ModelResult[]
  syncs: readonly SyncResult[]
  /** The most severe of all: 2 before 3 before the rest. */
  exitCode: ExitCode
  /** Mistakes found before the first sync began, of all syncs: none of them ran. */
  refused?: BackfeedError
  seconds: number
}

export async function executeSyncs(request: ExecuteRequest): Promise<ExecuteResult> {
  const startedMs = request.ports.clock.nowMs()
  const session = await openSession(request)
  const reached = new Map<string, ReachedCrm>()
  try {
    await reachAll(session, request.syncs, reached)
    // Reading back needs no fresh rows.
    const models = session.purpose.name === 'reconcile' ? [] : await buildUpstream(session, request.syncs)
    const errors = await checkSyncs(session, { syncs: request.syncs, models, reached })
    const refused = errors.size === 0 ? undefined : joinErrors([...errors.values()])
    const syncs = refused ? notRun(request.syncs, errors) : await executeAll(session, request, reached)
    const result: ExecuteResult = {
      invocationId: session.invocationId,
      models,
      syncs,
      exitCode: refused?.exitCode ?? worstExit(syncs.map((sync) => sync.exitCode)),
      ...(refused && { refused }),
      seconds: (request.ports.clock.nowMs() - startedMs) / 1000,
    }
    await request.beforeClose?.(session, result)
    return result
  } finally {
    for (const crm of reached.values()) await crm.destination.close()
    await session.close()
  }
}

/** Every CRM before any model: a wrong token or a misspelt object costs no warehouse time, and all are reported together. */
async function reachAll(session: OpenSession, syncs: readonly Sync[], reached: Map<string, ReachedCrm>): Promise<void> {
  const errors: BackfeedError[] = []
  for (const sync of syncs) {
    try {
      reached.set(sync.name, await reachCrm(session, sync))
    } catch (error) {
      if (!(error instanceof BackfeedError)) throw error
      errors.push(error)
    }
  }
  if (errors.length === 0) return
  // What the other CRMs already say about their mappings is told in the same list.
  const more = syncs.flatMap((sync) => {
    const crm = reached.get(sync.name)
    return crm === undefined ? [] : preflight({ ...crm, sync, model: '' })
  })
  throw joinErrors(more.length === 0 ? errors : [...errors, new BackfeedError(more)])
}

function notRun(syncs: readonly Sync[], errors: ReadonlyMap<string, BackfeedError>): SyncResult[] {
  return syncs.map(({ name }) => {
    const error = errors.get(name)
    if (error)
      return { ...emptyResult(name), status: 'failed', exitCode: error.exitCode, error, message: error.message }
    const message = 'not run: another sync of this command has mistakes'
    return { ...emptyResult(name), status: 'skipped', exitCode: ExitCode.ok, message }
  })
}

async function buildUpstream(session: OpenSession, syncs: readonly Sync[]): Promise<ModelResult[]> {
  const models = upstreamModels(session.models, syncs)
  const results = await buildModels({
    warehouse: session.warehouse,
    environment: session.environment,
    models,
    options: (step) => session.options({ run: session.invocationId, sync: '', step }),
    onEvent: session.onEvent,
  })
  await session.warehouse.release()
  return results
}

async function executeAll(
  session: OpenSession,
  request: ExecuteRequest,
  reached: ReadonlyMap<string, ReachedCrm>,
): Promise<SyncResult[]> {
  const results: SyncResult[] = []
  for (const [index, sync] of request.syncs.entries()) {
    const place = { resource: 'sync' as const, name: sync.name, index: index + 1, of: request.syncs.length }
    session.onEvent({ kind: 'start', ...place })
    const result = await executeOne(session, { sync, request, reached, before: results })
    results.push(result)
    session.onEvent({
      kind: 'end',
      ...place,
      status: endStatus(result),
      message: endMessage(result),
      seconds: result.seconds,
    })
  }
  return results
}

interface OneSync {
  sync: Sync
  request: ExecuteRequest
  reached: ReadonlyMap<string, ReachedCrm>
  before: readonly SyncResult[]
}

async function executeOne(session: OpenSession, { sync, request, reached, before }: OneSync): Promise<SyncResult> {
  if (session.signal.aborted) return interrupted(sync)
  const stopped = skipReason(sync, before)
  if (stopped) return { ...emptyResult(sync.name), status: 'skipped', exitCode: ExitCode.ok, message: stopped }
  const applied = await appliedRun(session, sync)
  if (applied) return alreadyApplied({ sync }, applied)
  const crm = reached.get(sync.name)
  try {
    if (!crm)
      throw new BackfeedError({ code: 'E-INTERNAL', message: `bug in the runner: ${sync.name} was not reached` })
    return await executeSync(session, { sync, crm, report: request.report })
  } catch (error) {
    if (!(error instanceof BackfeedError)) throw error
    if (session.signal.aborted) return interrupted(sync)
    if (error.code === 'E-RUN-BUSY' && session.locked.after === 'skip')
      return { ...emptyResult(sync.name), status: 'skipped', exitCode: ExitCode.skippedLocked, message: error.message }
    return { ...emptyResult(sync.name), status: 'failed', exitCode: error.exitCode, error, message: error.message }
  }
}

function interrupted(sync: Sync): SyncResult {
  return { ...emptyResult(sync.name), status: 'interrupted', exitCode: ExitCode.interrupted }
}

function skipReason(sync: Sync, before: readonly SyncResult[]): string | undefined {
  const failed = before.find((result) => sync.dependsOn.includes(result.sync) && result.exitCode !== ExitCode.ok)
  return failed && `it depends on ${failed.sync}, which did not end well`
}

function emptyResult(sync: string): Omit<SyncResult, 'status' | 'exitCode'> {
  return { sync, planned: 0, held: 0, quarantined: 0, readCalls: 0, seconds: 0, unresolved: 0 }
}

function endStatus(result: SyncResult): 'ok' | 'error' | 'skipped' {
  if (result.status === 'skipped' || result.status === 'already applied') return 'skipped'
  return result.exitCode === ExitCode.ok ? 'ok' : 'error'
}

function endMessage(result: SyncResult): string {
  const counts = result.plan?.counts
  if (!counts) return result.status
  const done = result.totals ? `${result.totals.succeeded} changed` : `${counts.send} to change`
  const parts = [
    done,
    ...(result.totals?.rejected ? [`${result.totals.rejected} rejected`] : []),
    ...(result.totals?.unknown ? [`${result.totals.unknown} unknown`] : []),
    ...(counts.held ? [`${counts.held} held`] : []),
    ...(counts.quarantined ? [`${counts.quarantined} quarantined`] : []),
  ]
  return parts.join(', ')
}
