/** One sync from the lease to the report. Reads like the pass in ARCHITECTURE.md; `plan` ends before the first write call. */

import { BackfeedError, ExitCode, type Position } from '../errors.ts'
import type { Sync } from '../project/project.ts'
import { WarehouseError } from '../warehouse/warehouse-error.ts'
import { buildPlan, type Plan } from './build-plan.ts'
import { resumeChain } from './chain-end.ts'
import { deliverChanges } from './deliver-changes.ts'
import { type Delivery, type DeliveryTotals, emptyTotals } from './delivery-totals.ts'
import { type GuardVerdict, guardKeys, isBlocked } from './guard-plan.ts'
import { linkWarnings } from './links/link-report.ts'
import { openSyncRun, type ReachedCrm } from './open-sync-run.ts'
import { refusePaused } from './pauses.ts'
import { type PlanReport, type ReportOptions, reportPlan } from './plan-report.ts'
import { type Reconciled, reconcile } from './reconcile.ts'
import { recordRun } from './record-run.ts'
import { transformWarnings } from './record-stored.ts'
import { recover } from './recover.ts'
import { refuseOtherKey } from './refuse-other-key.ts'
import { refuseOtherOrgsState } from './refuse-other-orgs-state.ts'
import { resolveUnknown } from './resolve-unknown.ts'
import { advanceRollout } from './rollout/advance-rollout.ts'
import { alreadyApplied, appliedRun } from './run-key.ts'
import { savedEntry } from './saved-plans/saved-entry.ts'
import type { SavedEntry } from './saved-plans/saved-plan.ts'
import { explainStop } from './schema-drift.ts'
import { sentinelShares } from './sentinel-warnings.ts'
import type { Session } from './session.ts'
import { settleRun, withoutSignal } from './settle-run.ts'
import { ensureState } from './state-table.ts'
import type { SyncRun } from './sync-run.ts'
import { unknownsAfterFold, unresolvedUnknowns } from './unresolved-unknowns.ts'

export interface SyncResult {
  sync: string
  runId?: string
  status:
    | 'planned'
    | 'succeeded'
    | 'partial'
    | 'nothing to do'
    | 'refused'
    | 'failed'
    | 'interrupted'
    | 'already applied'
    | 'skipped'
  exitCode: ExitCode
  plan?: PlanReport
  /** Of a `plan`: what a plan file says about it. */
  saved?: SavedEntry
  totals?: DeliveryTotals
  planned: number
  held: number
  quarantined: number
  readCalls: number
  seconds: number
  /** Rows of earlier runs whose outcome is still not known. */
  unresolved: number
  /** Hash of the run's last event: kept outside the warehouse, it shows that nothing was cut off or rewritten. */
  auditHead?: string
  message?: string
  error?: BackfeedError
}

export async function executeSync(
  session: Session,
  request: { sync: Sync; crm: ReachedCrm; report: ReportOptions },
): Promise<SyncResult> {
  const startedMs = session.ports.clock.nowMs()
  const run = await openSyncRun(session, request.sync, request.crm)
  const phase: Phase = { sending: false }
  try {
    // Asked again under the lease: the first attempt may have ended well while this one waited for it.
    const applied = await appliedRun(session, run.sync)
    if (applied !== undefined) return alreadyApplied(session, run.sync, applied)
    await recordRun(run, session)
    await refuseOtherOrgsState(run)
    if (run.purpose.formerKey === undefined) await refuseOtherKey(run)
    const mapping = await ensureState(run)
    await recover(run)
    const resolved = await resolveUnknown(run)
    if (run.purpose.name === 'reconcile') return withoutPlan(run, { startedMs, ...(await reconcile(run, resolved)) })
    await refusePaused(session, run)
    const plan = { ...(await buildPlan(run, session.allowance)), ...(mapping && { mapping }) }
    for (const problem of await sentinelShares(run, plan.counts)) session.onEvent({ kind: 'warning', problem })
    const report = await reportPlan(run, plan, request.report)
    const result = await (session.verb === 'plan' ? endPlan(run, plan) : applyPlan(run, plan, phase))
    if (result.totals !== undefined && plan.counts.send > 0)
      for (const problem of await transformWarnings(withoutSignal(run))) session.onEvent({ kind: 'warning', problem })
    const note = run.purpose.note?.(plan.counts) ?? linkWarnings(run, plan.counts)[0] ?? report.note
    const message = result.message ?? note
    const seconds = (session.ports.clock.nowMs() - startedMs) / 1000
    return {
      ...result,
      ...(message !== undefined && { message }),
      sync: run.sync.name,
      runId: run.context.run.id,
      auditHead: run.log.end().hash,
      plan: report,
      ...(session.verb === 'plan' && { saved: savedEntry(run, plan) }),
      readCalls: run.destination.calls.reads,
      seconds,
      held: plan.counts.held,
      quarantined: plan.counts.quarantined,
      planned: plan.counts.send + plan.counts.held,
    }
  } catch (error) {
    if (!phase.sending && !isFenced(error)) await closeFailed(run, error)
    throw error
  } finally {
    await letGo(run)
  }
}

function withoutPlan(
  run: SyncRun,
  { startedMs, resolved: _, ...ended }: Reconciled & { startedMs: number },
): SyncResult {
  const seconds = (run.ports.clock.nowMs() - startedMs) / 1000
  const rows = { planned: 0, held: 0, quarantined: 0, readCalls: run.destination.calls.reads }
  return { ...rows, ...ended, sync: run.sync.name, runId: run.context.run.id, seconds }
}

/** What the run says stands, whatever happens here; a lease that could not be given back ends by itself. */
async function letGo(run: SyncRun): Promise<void> {
  try {
    await run.journal?.close()
    run.ports.crashPoints.at('CP27')
    await run.lease.release()
    await run.warehouse.release()
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error
  }
}

type Ended = Pick<SyncResult, 'status' | 'exitCode' | 'unresolved'> &
  Partial<Pick<SyncResult, 'totals' | 'message' | 'error'>>

async function endPlan(run: SyncRun, plan: Plan): Promise<Ended> {
  await run.lease.confirm()
  await run.warehouse.atomic([run.log.event('succeeded', { kind: 'plan' })], run.options('settle'))
  const refused = isBlocked(plan.guards)
  return {
    status: refused ? 'refused' : 'planned',
    exitCode: refused ? ExitCode.refused : ExitCode.ok,
    unresolved: await unresolvedUnknowns(run),
  }
}

/** Once sending has begun, a run that breaks stays open: the next one records what may have been sent as unknown. */
interface Phase {
  sending: boolean
}

async function applyPlan(run: SyncRun, plan: Plan, phase: Phase): Promise<Ended> {
  await run.lease.confirm()
  if (isBlocked(plan.guards)) return refusePlan(run, plan)
  phase.sending = true
  const first = plan.counts.send > 0 ? (run.purpose.beforeSending?.(run) ?? []) : []
  await run.warehouse.atomic([...first, run.log.event('sending', { send: plan.counts.send })], run.options('send'))
  const delivery = await deliverChanges(run, plan)
  if (delivery.stopped) delivery.stopped = await explainStop(run, delivery.stopped)
  // Whoever took over recovers this run and owns its tables by now: nothing may be folded here.
  if (delivery.failure?.code === 'E-RUN-FENCED') throw delivery.failure
  if (delivery.running) return leaveRunning(delivery, plan)
  await run.lease.renew()
  const verdict = await withUnresolved(run, judge(delivery, plan))
  await settleRun(run, {
    event: eventOf(verdict.status),
    detail: {
      ...delivery.totals,
      held: plan.counts.held,
      quarantined: plan.counts.quarantined,
      status: verdict.status,
    },
  })
  await advanceRollout(withoutSignal(run))
  const unresolved = await unresolvedUnknowns(withoutSignal(run))
  const exitCode = verdict.exitCode === ExitCode.ok && unresolved > 0 ? ExitCode.unknownOutcomes : verdict.exitCode
  return { ...verdict, exitCode, totals: closedTotals(delivery.totals, plan.counts.send), unresolved }
}

/** A run whose own rows went well has not finished while rows of earlier runs wait for their outcome: log and exit code agree. */
async function withUnresolved(run: SyncRun, verdict: Verdict): Promise<Verdict> {
  if (verdict.exitCode !== ExitCode.ok || (await unknownsAfterFold(withoutSignal(run))) === 0) return verdict
  return { status: 'partial', exitCode: ExitCode.unknownOutcomes }
}

/** The run stays open in the log: the next one takes the job over, records its results and closes this run. */
function leaveRunning(delivery: Delivery, plan: Plan): Ended {
  const { jobId, rows } = delivery.running ?? { jobId: '', rows: 0 }
  const judged = judge(delivery, plan)
  // Something was sent: this is not the exit of a run that could not begin.
  const exitCode = delivery.failure?.exitCode === ExitCode.cannotRun ? ExitCode.unknownOutcomes : judged.exitCode
  const verdict = { ...judged, exitCode }
  const totals = closedTotals(withUnknown(delivery.totals, rows), plan.counts.send)
  const message = `bulk job ${jobId} goes on in the CRM with ${rows} rows; the next run records what became of them`
  return { ...verdict, totals, unresolved: totals.unknown, message }
}

/** Rows of the job that have no result yet. */
function withUnknown(totals: DeliveryTotals, rows: number): DeliveryTotals {
  return { ...totals, unknown: totals.unknown + rows }
}

/** Rows a stopped run never sent count as retryable, as they do in the audit. */
function closedTotals(totals: DeliveryTotals, send: number): DeliveryTotals {
  const seen = totals.succeeded + totals.rejected + totals.retryable + totals.unknown
  return { ...totals, retryable: totals.retryable + send - seen }
}

async function refusePlan(run: SyncRun, plan: Plan): Promise<Ended> {
  const blocked = plan.guards.filter((guard) => guard.verdict === 'blocked')
  await run.warehouse.atomic(
    [run.log.event('refused', { guards: blocked.map((guard) => guard.code) })],
    run.options('settle'),
  )
  const error = new BackfeedError(
    blocked.map((guard) => ({
      code: guard.code,
      message: `${run.sync.name}: ${guard.name}${guard.field === undefined ? '' : ` (${guard.field})`} is ${guard.actual}, the limit is ${guard.limit} (${guard.rule}); nothing was sent`,
      at: guardPlace(run.sync, guard),
      ...(guard.allow ? { help: `if this is meant: ${guard.allow}` } : {}),
    })),
    { exitCode: ExitCode.refused },
  )
  return {
    status: 'refused',
    exitCode: ExitCode.refused,
    error,
    totals: closedTotals(emptyTotals(), 0),
    unresolved: await unresolvedUnknowns(run),
  }
}

/** The line of the guard; one that was not written is about the model's rows or, as a budget, about the sync. */
function guardPlace(sync: Sync, { name, rule }: GuardVerdict): Position {
  if (name === 'fail_rules') return sync.validate.find((each) => rule.split(', ').includes(each.name))?.at ?? sync.at
  const aboutRows = name === 'min_source_rows' || name === 'shrink'
  return sync.guardsAt?.[guardKeys[name]] ?? (aboutRows ? sync.model.at : sync.at)
}

type Verdict = Pick<Ended, 'status' | 'exitCode' | 'message' | 'error'>

function judge(delivery: Delivery, plan: Plan): Verdict {
  const { totals, stopped, failure } = delivery
  if (failure)
    return { status: 'failed', exitCode: exitAfterSending(failure), error: failure, message: failure.message }
  if (stopped) {
    const status = stopped.exitCode === ExitCode.interrupted ? 'interrupted' : 'partial'
    const { code, message, at } = stopped
    const error = new BackfeedError({ code, message, ...(at && { at }) }, { exitCode: stopped.exitCode })
    return { status, exitCode: stopped.exitCode, message: stopped.message, ...(status === 'partial' ? { error } : {}) }
  }
  if (totals.unknown > 0) return { status: 'partial', exitCode: ExitCode.unknownOutcomes }
  if (totals.rejected + totals.retryable > 0) return { status: 'partial', exitCode: ExitCode.rowFailures }
  return { status: plan.counts.send === 0 ? 'nothing to do' : 'succeeded', exitCode: ExitCode.ok }
}

/** "Could not run" is said of runs that began nothing. A login that ended may be valid again for the next one. */
function exitAfterSending({ code, exitCode }: BackfeedError): ExitCode {
  if (exitCode !== ExitCode.cannotRun) return exitCode
  return code === 'E-CRM-AUTH' ? ExitCode.temporary : ExitCode.rowFailures
}

function eventOf(status: SyncResult['status']): 'succeeded' | 'partial' | 'failed' | 'interrupted' {
  if (status === 'partial' || status === 'failed' || status === 'interrupted') return status
  return 'succeeded'
}

/** Whoever took over writes the end of this run. */
function isFenced(error: unknown): boolean {
  return error instanceof BackfeedError && error.code === 'E-RUN-FENCED'
}

/** A plan that broke left nothing behind but its log; the event says so. */
async function closeFailed(run: SyncRun, error: unknown): Promise<void> {
  const code = error instanceof BackfeedError ? error.code : 'E-INTERNAL'
  const settling = withoutSignal(run)
  try {
    if (!(await resumeChain(settling))) return
    await settling.warehouse.atomic([run.log.event('aborted', { code })], settling.options('settle'))
  } catch {
    // The first error is the one to report; an unreachable warehouse cannot record it either.
  }
}
