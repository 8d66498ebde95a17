/** Every model of the project as SQL for the active target. Contacts nothing. */
import type { CompiledProject } from '../compile/compile-models.ts'
import type { Project } from '../project/project.ts'
import { activeTarget } from './active-target.ts'
import type { CommandContext } from './command.ts'
import { renderForConsole } from './report-failure.ts'

/** @throws BackfeedError with every problem of every model. Prints warnings, unless whoever comes next does. */
export async function compileProject(
  context: CommandContext,
  project: Project,
  { warn = true }: { warn?: boolean } = {},
): Promise<CompiledProject> {
  const { compileModels } = await import('../compile/compile-models.ts')
  const { warehouseAdapter } = await import('../warehouse/registry.ts')
  const target = activeTarget(project)
  const compiled = compileModels({
    project,
    target,
    dialectChain: warehouseAdapter(target.type).dialectChain,
    env: context.env,
    runStartedAt: new Date(context.ports.clock.nowMs()).toISOString(),
    invocationId: context.invocationId,
  })
  if (warn && compiled.warnings.length > 0) context.console.note(renderForConsole(compiled.warnings, context))
  return compiled
}
