/** `seed` and `build`: both only ever touch the warehouse. */
import type { CompiledProject } from '../compile/compile-models.ts'
import { BackfeedError, ExitCode } from '../errors.ts'
import { doneLine } from '../output/run-text.ts'
import type { Project, Seed } from '../project/project.ts'
import type { ModelResult } from '../sync/build-models.ts'
import { activeTarget } from './active-target.ts'
import { statementOptions, withWarehouse } from './audit-session.ts'
import type { CommandContext } from './command.ts'
import { compileProject } from './compile-project.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'
import { renderForConsole } from './report-failure.ts'
import { requireWritable } from './require-writable.ts'
import { type Selected, selected } from './selected.ts'
import { logSyncEvents } from './sync-progress.ts'
import { modelResult, saveResults } from './sync-results.ts'

type Built = 'seeds' | 'seeds and models'

export async function buildInWarehouse(context: CommandContext, what: Built): Promise<ExitCode> {
  const startedMs = context.ports.clock.nowMs()
  const project = await openProject(context)
  requireWritable(project)
  const compiled = await compileProject(context, project)
  const chosen = chosenFor(what, selected(project, context, compiled.models))
  const results = await build(context, { project, compiled, chosen })
  const nowMs = context.ports.clock.nowMs()
  saveResults(context, project, {
    version: context.version,
    invocationId: context.invocationId,
    generatedAtMs: nowMs,
    elapsedSeconds: (nowMs - startedMs) / 1000,
    args: {
      which: context.verb,
      select: context.global.select,
      exclude: context.global.exclude,
      target: project.activeTarget,
    },
    results: results.map((result) => modelResult(project, result, nowMs)),
  })
  return conclude(context, results)
}

type Chosen = Pick<Selected, 'seeds' | 'models'>

/** `seed -s customers+` means its seeds; a selection without any is a slip. */
function chosenFor(what: Built, { seeds, models }: Selected): Chosen {
  const chosen = { seeds, models: what === 'seeds' ? [] : models }
  if (chosen.seeds.length + chosen.models.length > 0) return chosen
  throw new BackfeedError({
    code: 'E-CLI-SELECT',
    message: `the selection holds no ${what.replace(' and ', ' and no ')}`,
    help: 'list what there is with `backfeed ls`',
  })
}

interface Work {
  project: Project
  compiled: CompiledProject
  chosen: Chosen
}

async function build(context: CommandContext, { project, compiled, chosen }: Work): Promise<ModelResult[]> {
  const { loadSeeds } = await import('../sync/load-seeds.ts')
  const { buildModels } = await import('../sync/build-models.ts')
  const seeds = chosen.seeds.flatMap((name): Seed[] => [project.seeds.get(name)].filter((seed) => seed !== undefined))
  const models = compiled.models.filter((model) => chosen.models.includes(model.name))
  return withWarehouse(context, project, async (warehouse) => {
    const shared = {
      warehouse,
      environment: compiled.environment,
      options: statementOptions(context),
      onEvent: logSyncEvents(context.log, 'build'),
      clock: context.ports.clock,
    }
    const loaded = await loadSeeds({ ...shared, project, target: activeTarget(project), seeds })
    return [...loaded, ...(await buildModels({ ...shared, models }))]
  })
}

function conclude(context: CommandContext, results: readonly ModelResult[]): ExitCode {
  const errors = results.flatMap((result) => (result.error === undefined ? [] : [result.error]))
  for (const error of errors) context.console.note(renderForConsole(error.problems, context))
  const count = (status: ModelResult['status']): number => results.filter((result) => result.status === status).length
  const tally = { pass: count('ok'), warn: 0, error: count('error'), skip: count('skipped') }
  return finish(context, {
    exit: errors[0]?.exitCode ?? ExitCode.ok,
    facts: { ...tally, results: results.map(({ name, status, seconds }) => ({ name, status, seconds })) },
    text: () => doneLine(tally, context.console.style),
  })
}
