import type { CompiledModel } from '../compile/compile.ts'
import type { Sync } from '../project/project.ts'

/** The models that the given syncs read, directly or through others, in graph order. */
export function upstreamModels(models: readonly CompiledModel[], syncs: readonly Sync[]): CompiledModel[] {
  const byName = new Map(models.map((model) => [model.name, model]))
  const wanted = new Set<string>()
  const visit = (name: string): void => {
    if (wanted.has(name)) return
    wanted.add(name)
    for (const upstream of byName.get(name)?.dependsOn ?? []) visit(upstream)
  }
  for (const sync of syncs) if (sync.model.kind === 'ref') visit(sync.model.name)
  return models.filter((model) => wanted.has(model.name))
}

/** Parents first, otherwise in the order of the files; a dependency that was not selected changes nothing. */
export function orderSyncs(syncs: readonly Sync[]): Sync[] {
  const selected = new Map(syncs.map((sync) => [sync.name, sync]))
  const ordered = new Map<string, Sync>()
  const visit = (sync: Sync): void => {
    if (ordered.has(sync.name)) return
    for (const name of sync.dependsOn) {
      const parent = selected.get(name)
      if (parent) visit(parent)
    }
    ordered.set(sync.name, sync)
  }
  for (const sync of syncs) visit(sync)
  return [...ordered.values()]
}
