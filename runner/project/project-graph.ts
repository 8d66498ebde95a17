/** The graph selectors work on, from a loaded project. */
import type { Project } from './project.ts'
import type { Resource, ResourceGraph } from './select-resources.ts'

/**
 * `modelInputs` are the names each model reads (`x` for a model or seed, `s.t` for a source), which only compiling
 * tells; without them `+x` stops at the model of a sync.
 */
export function projectGraph(
  project: Pick<Project, 'models' | 'seeds' | 'sources' | 'syncs' | 'connections'>,
  modelInputs: ReadonlyMap<string, readonly string[]> = new Map(),
): ResourceGraph {
  const resources: Resource[] = [
    ...[...project.seeds.values()].map(({ name, file, tags }) => ({
      id: name,
      kind: 'seed' as const,
      name,
      file,
      tags,
    })),
    ...[...project.sources.keys()].map((name) => ({ id: name, kind: 'source' as const, name, file: '', tags: [] })),
    ...[...project.models.values()].map(({ name, file, tags }) => ({
      id: name,
      kind: 'model' as const,
      name,
      file,
      tags,
    })),
    ...[...project.syncs.values()].map((sync) => syncResource(sync, project)),
  ]
  const edges = [
    ...[...modelInputs].flatMap(([to, inputs]) => inputs.map((from) => ({ from, to }))),
    ...[...project.syncs.values()].flatMap(({ name, model, dependsOn }) => [
      { from: model.kind === 'ref' ? model.name : `${model.source}.${model.table}`, to: syncId(name) },
      ...dependsOn.map((from) => ({ from: syncId(from), to: syncId(name) })),
    ]),
  ]
  return { resources, edges }
}

/** A sync may be called like its model. */
export function syncId(name: string): string {
  return `sync.${name}`
}

type SyncOf = Project['syncs'] extends ReadonlyMap<string, infer S> ? S : never

function syncResource(sync: SyncOf, project: Pick<Project, 'connections'>): Resource {
  const destination = project.connections.get(sync.connection)?.type
  return {
    id: syncId(sync.name),
    kind: 'sync',
    name: sync.name,
    file: sync.file,
    tags: sync.tags,
    ...(destination !== undefined && { destination }),
    object: sync.object,
    connection: sync.connection,
  }
}
