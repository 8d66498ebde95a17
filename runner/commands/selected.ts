/** `-s` and `--exclude` applied to the project. */
import type { CompiledModel } from '../compile/compile.ts'
import type { Project, Sync } from '../project/project.ts'
import { projectGraph } from '../project/project-graph.ts'
import { type Resource, type ResourceKind, selectResources } from '../project/select-resources.ts'
import type { CommandContext } from './command.ts'

export interface Selected {
  /** In the order of the graph. */
  resources: readonly Resource[]
  models: readonly string[]
  seeds: readonly string[]
  syncs: readonly Sync[]
}

/**
 * `models` are needed only where a selector walks the graph (`+x`), see walksGraph().
 * @throws BackfeedError E-CLI-SELECT when nothing matches
 */
export function selected(
  project: Project,
  { global }: Pick<CommandContext, 'global'>,
  models: readonly CompiledModel[] = [],
): Selected {
  const inputs = new Map(models.map((model) => [model.name, [...model.dependsOn, ...(model.sources ?? [])]]))
  const resources = selectResources(projectGraph(project, inputs), { select: global.select, exclude: global.exclude })
  const names = (kind: ResourceKind): string[] => resources.filter((r) => r.kind === kind).map((r) => r.name)
  return {
    resources,
    models: names('model'),
    seeds: names('seed'),
    syncs: names('sync').flatMap((name) => project.syncs.get(name) ?? []),
  }
}

/** Whether a selector asks what reads what, which only compiling tells. */
export function walksGraph({ global }: Pick<CommandContext, 'global'>): boolean {
  return [...global.select, ...global.exclude].some((text) => text.includes('+'))
}
