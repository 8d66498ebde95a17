/** What the pipeline returned, in the shapes that are printed and stored. */
import { resolve } from 'node:path'
import { BackfeedError, ExitCode } from '../errors.ts'
import type { RunReport } from '../output/run-report.ts'
import { type NodeResult, type RunResultsInput, timing, writeRunResults } from '../output/run-results.ts'
import type { Project } from '../project/project.ts'
import type { SyncResult } from '../sync/execute-sync.ts'
import type { ExecuteResult } from '../sync/run-sync.ts'
import type { CommandContext } from './command.ts'
import { renderForConsole } from './report-failure.ts'

export function runReports(syncs: readonly SyncResult[]): RunReport[] {
  return syncs.map(runReport)
}

function runReport(sync: SyncResult): RunReport {
  const { totals } = sync
  return {
    sync: sync.sync,
    run_id: sync.runId ?? '',
    status: sync.status,
    planned: sync.planned,
    succeeded: totals?.succeeded ?? 0,
    rejected: totals?.rejected ?? 0,
    retryable: totals?.retryable ?? 0,
    unknown: totals?.unknown ?? 0,
    held: sync.held,
    created: totals?.created ?? 0,
    updated: totals?.updated ?? 0,
    quarantined: sync.quarantined,
    write_calls: totals?.writeCalls ?? 0,
    read_calls: sync.readCalls,
    seconds: sync.seconds,
    exit: sync.exitCode,
    ...(sync.message === undefined ? {} : { message: sync.message }),
  }
}

/** Problems of single syncs: the others went on. */
export function noteSyncErrors(context: CommandContext, syncs: readonly SyncResult[]): void {
  for (const { error } of syncs)
    if (error !== undefined) context.console.note(renderForConsole(error.problems, context))
}

/** `target/run_results.json`. */
export function saveRunResults(context: CommandContext, project: Project, result: ExecuteResult): void {
  const now = context.ports.clock.nowMs()
  saveResults(context, project, {
    version: context.version,
    invocationId: result.invocationId,
    generatedAtMs: now,
    elapsedSeconds: result.seconds,
    args: argsOf(context, project),
    results: [
      ...result.models.map((model) => modelResult(project, model, now)),
      ...result.syncs.map((sync) => syncResult(project, sync, now)),
    ],
  })
}

/** What was done stays done: an artifact that cannot be written is a warning, not another exit code. */
export function saveResults(context: CommandContext, project: Project, input: RunResultsInput): void {
  try {
    writeRunResults(resolve(project.dir, project.paths.target), input)
  } catch (error) {
    if (!(error instanceof BackfeedError)) throw error
    context.console.note(renderForConsole(error.problems, context))
  }
}

/** No `--vars` and no `--reason`: people put anything there. */
function argsOf(context: CommandContext, project: Project): Readonly<Record<string, unknown>> {
  const { select, exclude } = context.global
  return {
    which: context.verb,
    select,
    exclude,
    target: project.activeTarget,
    invocation_command: `backfeed ${context.verb}`,
  }
}

interface BuiltModel {
  name: string
  status: 'ok' | 'error' | 'skipped'
  seconds: number
  message?: string
}

export function modelResult(project: Pick<Project, 'name' | 'seeds'>, model: BuiltModel, now: number): NodeResult {
  const kind = project.seeds.has(model.name) ? 'seed' : 'model'
  const status = { ok: 'success', error: 'error', skipped: 'skipped' } as const
  return {
    unique_id: `${kind}.${project.name}.${model.name}`,
    status: status[model.status],
    message: model.message ?? null,
    execution_time: model.seconds,
    timing: timing(model.seconds, now),
    thread_id: 'main',
    failures: null,
    adapter_response: {},
  }
}

function syncResult(project: Project, sync: SyncResult, now: number): NodeResult {
  const { sync: _, run_id, status: __, message: ___, exit, seconds: ____, ...rows } = runReport(sync)
  return {
    unique_id: `sync.${project.name}.${sync.sync}`,
    status: statusOf(sync),
    message: sync.message ?? sync.status,
    execution_time: sync.seconds,
    timing: timing(sync.seconds, now),
    thread_id: 'main',
    failures: rows.rejected + rows.retryable + rows.unknown,
    adapter_response: { run_id, exit, ...(sync.auditHead === undefined ? {} : { audit_head: sync.auditHead }) },
    rows,
  }
}

function statusOf(sync: SyncResult): NodeResult['status'] {
  if (sync.status === 'skipped' || sync.status === 'already applied') return 'skipped'
  if (sync.status === 'partial' && (sync.totals?.succeeded ?? 0) > 0) return 'partial success'
  return sync.exitCode === ExitCode.ok ? 'success' : 'error'
}
