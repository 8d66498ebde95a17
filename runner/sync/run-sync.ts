/** `plan` and `run` over the selected syncs: reach the CRMs, build the models, then one sync after the other. One code path. */
import { BackfeedError, ExitCode } from '../errors.ts'
import type { Sync } from '../project/project.ts'
import { buildModels, type ModelResult } from './build-models.ts'
import { executeSync, type SyncResult } from './execute-sync.ts'
import { type OpenSession, openSession, type SessionRequest } from './open-session.ts'
import { type ReachedCrm, reachCrm } from './open-sync-run.ts'
import type { ReportOptions } from './plan-report.ts'
import { appliedRun } from './run-key.ts'
import { upstreamModels } from './upstream-models.ts'

export interface ExecuteRequest extends SessionRequest {
  /** In the order in which they run; see orderSyncs(). */
  syncs: readonly Sync[]
  report: ReportOptions
}

export interface ExecuteResult {
  invocationId: string
  models: readonly ModelResult[]
  syncs: readonly SyncResult[]
  /** The most severe of all: 2 before 3 before the rest. */
  exitCode: ExitCode
  seconds: number
}

export async function executeSyncs(request: ExecuteRequest): Promise<ExecuteResult> {
  const startedMs = request.ports.clock.nowMs()
  const session = await openSession(request)
  const reached = new Map<string, ReachedCrm>()
  try {
    await reachAll(session, request.syncs, reached)
    const models = await buildUpstream(session, request.syncs)
    const syncs = await executeAll(session, { ...request, models }, reached)
    const exitCode = worstExit(syncs.map((sync) => sync.exitCode))
    return {
      invocationId: session.invocationId,
      models,
      syncs,
      exitCode,
      seconds: (request.ports.clock.nowMs() - startedMs) / 1000,
    }
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
  const [first] = errors
  if (!first) return
  const worst = worstExit(errors.map((error) => error.exitCode))
  throw new BackfeedError(distinctProblems(errors), { exitCode: worst, cause: first.cause })
}

/** One unreachable CRM is one problem, however many syncs need it. */
function distinctProblems(errors: readonly BackfeedError[]): BackfeedError['problems'] {
  const byText = new Map(
    errors.flatMap((error) => error.problems).map((problem) => [`${problem.code} ${problem.message}`, problem]),
  )
  return [...byText.values()]
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
  request: BuiltRequest,
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

interface BuiltRequest extends ExecuteRequest {
  models: readonly ModelResult[]
}

interface OneSync {
  sync: Sync
  request: BuiltRequest
  reached: ReadonlyMap<string, ReachedCrm>
  before: readonly SyncResult[]
}

async function executeOne(session: OpenSession, { sync, request, reached, before }: OneSync): Promise<SyncResult> {
  const stopped = skipReason(session, sync, before)
  if (stopped) return { ...emptyResult(sync.name), status: 'skipped', exitCode: ExitCode.ok, message: stopped }
  const applied = await appliedRun(session, sync)
  if (applied)
    return {
      ...emptyResult(sync.name),
      runId: applied,
      status: 'already applied',
      exitCode: ExitCode.ok,
      message: `already applied by ${applied}`,
    }
  const crm = reached.get(sync.name)
  try {
    refuseBrokenModels(session, sync, request.models)
    if (!crm)
      throw new BackfeedError({ code: 'E-INTERNAL', message: `bug in the runner: ${sync.name} was not reached` })
    return await executeSync(session, { sync, crm, report: request.report })
  } catch (error) {
    if (!(error instanceof BackfeedError)) throw error
    if (session.signal.aborted)
      return { ...emptyResult(sync.name), status: 'interrupted', exitCode: ExitCode.interrupted }
    return { ...emptyResult(sync.name), status: 'failed', exitCode: error.exitCode, error, message: error.message }
  }
}

/** A sync whose model could not be built has nothing to send; what an older build left behind is not good enough. */
function refuseBrokenModels(session: OpenSession, sync: Sync, results: readonly ModelResult[]): void {
  const needed = new Set(upstreamModels(session.models, [sync]).map((model) => model.name))
  const broken = results.filter((result) => needed.has(result.name) && result.status === 'error')
  if (broken.length === 0) return
  throw new BackfeedError(
    broken.flatMap((result) => result.error?.problems ?? []),
    { exitCode: ExitCode.cannotRun },
  )
}

function skipReason(session: OpenSession, sync: Sync, before: readonly SyncResult[]): string | undefined {
  if (session.signal.aborted) return 'interrupted before it began'
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

const severity: readonly ExitCode[] = [
  ExitCode.interrupted,
  ExitCode.cannotRun,
  ExitCode.refused,
  ExitCode.unknownOutcomes,
  ExitCode.leaseHeld,
  ExitCode.temporary,
  ExitCode.rowFailures,
]

export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return severity.find((code) => codes.includes(code)) ?? ExitCode.ok
}
