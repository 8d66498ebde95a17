/** `plan` and `run` from the command line: select, order, execute. One code path, as in the pipeline. */
import { BackfeedError } from '../errors.ts'
import type { Project, Sync, Target } from '../project/project.ts'
import type { ExecuteRequest, ExecuteResult } from '../sync/run-sync.ts'
import type { SyncEvent } from '../sync/session.ts'
import { activeTarget } from './active-target.ts'
import type { CommandContext } from './command.ts'
import { compileProject } from './compile-project.ts'
import { openProject } from './open-project.ts'
import { readAllowance } from './read-allowance.ts'
import { readLocked } from './read-locked.ts'
import { renderForConsole } from './report-failure.ts'
import { requireUnprotected } from './require-unprotected.ts'
import { requireWritable } from './require-writable.ts'
import { type Selected, selected, walksGraph } from './selected.ts'
import { logSyncEvents } from './sync-progress.ts'
import { saveRunResults } from './sync-results.ts'

export interface Executed {
  project: Project
  target: Target
  syncs: readonly Sync[]
  result: ExecuteResult
}

const DEFAULT_SAMPLES = 10

export interface ExecuteOptions extends Partial<Pick<ExecuteRequest, 'purpose' | 'beforeClose' | 'allowance'>> {
  /** When it is open already. */
  project?: Project
  /** Turns the selected syncs into those that are executed. */
  choose?: (project: Project, syncs: readonly Sync[]) => Promise<readonly Sync[]>
}

export async function execute(
  context: CommandContext,
  verb: 'plan' | 'run',
  { choose, project: opened, purpose, beforeClose, ...options }: ExecuteOptions = {},
): Promise<Executed> {
  const allowance = options.allowance ?? readAllowance(context.args)
  const locked = readLocked(context.args)
  const project = opened ?? (await openProject(context))
  requireWritable(project)
  const target = activeTarget(project)
  if (verb === 'run' && !sendsNothing(purpose)) requireUnprotected(context, target, purpose?.name === 'apply')
  const { executeSyncs } = await import('../sync/run-sync.ts')
  const { withAssociations } = await import('../sync/associations/association-syncs.ts')
  const { orderSyncs } = await import('../sync/upstream-models.ts')
  const models = walksGraph(context) ? (await compileProject(context, project, { warn: false })).models : []
  const ordered = orderSyncs(selectedSyncs(project, selected(project, context, models)))
  const syncs = choose === undefined ? withAssociations(ordered) : await choose(project, ordered)
  const runKey = context.args.text('run-key')
  const emulatorUrl = context.env.BACKFEED_EMULATOR_URL
  const result = await executeSyncs({
    verb,
    ...(purpose && { purpose }),
    project,
    target,
    syncs,
    env: context.env,
    ports: context.ports,
    signal: context.signal,
    onEvent: noteWarnings(context, logSyncEvents(context.log, verb)),
    allowance,
    locked,
    report: {
      samples: verb === 'plan' ? (context.args.number('sample') ?? DEFAULT_SAMPLES) : 0,
      requests: verb === 'plan',
    },
    ...(purpose && { purpose }),
    ...(beforeClose && { beforeClose }),
    ...(runKey === undefined ? {} : { runKey }),
    ...(emulatorUrl === undefined ? {} : { emulatorUrl }),
  })
  if (result.refused) {
    saveRunResults(context, project, result)
    throw result.refused
  }
  return { project, target, syncs, result }
}

function sendsNothing(purpose: ExecuteOptions['purpose']): boolean {
  return purpose?.name === 'adopt' || purpose?.name === 'reconcile'
}

/** Warnings are shown with their place, each once. */
function noteWarnings(context: CommandContext, log: (event: SyncEvent) => void): (event: SyncEvent) => void {
  const noted = new Set<string>()
  return (event) => {
    if (event.kind !== 'warning') return log(event)
    const text = renderForConsole([event.problem], context)
    if (!noted.has(text)) context.console.note(text)
    noted.add(text)
  }
}

function selectedSyncs(project: Project, { syncs, models }: Selected): readonly Sync[] {
  if (syncs.length > 0) return syncs
  const [model] = models
  const names = [...project.syncs.keys()]
  throw new BackfeedError({
    code: 'E-CLI-SELECT',
    message: names.length === 0 ? 'the project has no sync' : 'the selection holds no sync',
    ...(model === undefined || names.length === 0 ? {} : { hint: `did you mean ${model}+ (what reads ${model})?` }),
    help: names.length === 0 ? 'add one under syncs/' : `syncs: ${names.slice(0, 20).join(', ')}`,
  })
}
