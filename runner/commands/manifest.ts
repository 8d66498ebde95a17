/** `target/manifest.json`: dbt's top-level shape, with syncs beside the nodes. Facts only, no SQL of the package. */
import { createHash } from 'node:crypto'
import type { CompiledModel } from '../compile/compile.ts'
import type { ColumnProperties, Project, Sync } from '../project/project.ts'

export interface ManifestInput {
  project: Project
  models: readonly CompiledModel[]
  version: string
  invocationId: string
  generatedAtMs: number
}

type Entry = Readonly<Record<string, unknown>>

export function manifest(input: ManifestInput): object {
  const { project } = input
  const id = (kind: string, name: string): string => `${kind}.${project.name}.${name}`
  const nodes = { ...modelNodes(input, id), ...seedNodes(input, id) }
  const sources = Object.fromEntries(
    [...project.sources].map(([key, source]) => [id('source', key), sourceEntry(source)]),
  )
  const syncs = Object.fromEntries([...project.syncs.values()].map((sync) => [id('sync', sync.name), syncEntry(sync)]))
  const parents = parentMap(input, id)
  return {
    metadata: {
      dbt_schema_version: null,
      backfeed_schema_version: 1,
      backfeed_version: input.version,
      generated_at: new Date(input.generatedAtMs).toISOString(),
      invocation_id: input.invocationId,
      project_name: project.name,
      adapter_type: project.targets.get(project.activeTarget)?.type ?? null,
      target_name: project.activeTarget,
    },
    nodes,
    sources,
    macros: Object.fromEntries(
      project.macroFiles.map(({ file }) => [`macro.${project.name}.${file}`, { original_file_path: file }]),
    ),
    syncs,
    parent_map: parents,
    child_map: childMap(parents),
  }
}

type Id = (kind: string, name: string) => string

function modelNodes({ project, models }: ManifestInput, id: Id): Record<string, Entry> {
  return Object.fromEntries(
    models.map((compiled) => {
      const model = project.models.get(compiled.name)
      return [
        id('model', compiled.name),
        {
          ...{ resource_type: 'model', name: compiled.name, original_file_path: compiled.file },
          ...{ schema: compiled.relation.schema, alias: compiled.relation.name },
          ...{
            description: model?.description ?? '',
            tags: compiled.tags ?? [],
            columns: columnEntries(model?.columns),
          },
          config: { materialized: compiled.materialized },
          checksum: checksum(model?.text ?? ''),
          depends_on: { nodes: parentsOf(project, compiled, id) },
        },
      ]
    }),
  )
}

function seedNodes({ project }: ManifestInput, id: Id): Record<string, Entry> {
  return Object.fromEntries(
    [...project.seeds.values()].map((seed) => [
      id('seed', seed.name),
      {
        ...{ resource_type: 'seed', name: seed.name, original_file_path: seed.file },
        ...{ description: seed.description ?? '', tags: seed.tags, columns: columnEntries(seed.columns) },
        depends_on: { nodes: [] },
      },
    ]),
  )
}

function sourceEntry(source: { sourceName: string; table: string; identifier: string; schema?: string }): Entry {
  return {
    ...{ resource_type: 'source', source_name: source.sourceName, name: source.table },
    ...{ identifier: source.identifier, schema: source.schema ?? null },
  }
}

function syncEntry(sync: Sync): Entry {
  return {
    ...{ resource_type: 'sync', name: sync.name, original_file_path: sync.file, description: sync.description ?? '' },
    ...{ connection: sync.connection, object: sync.object, mode: sync.mode, tags: sync.tags },
    primary_key: sync.primaryKey,
    match: { field: sync.match.field, from: sync.match.from, strategy: sync.match.strategy },
    fields: sync.fields.map(({ to, from, onNull, write }) => ({ to, from: from ?? null, on_null: onNull, write })),
    schedule: sync.schedule ?? null,
    owner: sync.owner ?? null,
    checksum: checksum(JSON.stringify(sync.rendered)),
  }
}

function columnEntries(columns: ReadonlyMap<string, ColumnProperties> | undefined): Entry {
  return Object.fromEntries(
    [...(columns ?? [])].map(([name, column]) => [
      name,
      {
        name,
        description: column.description ?? '',
        data_type: column.dataType ?? null,
        semantic_type: column.semanticType ?? null,
      },
    ]),
  )
}

function parentsOf(project: Project, compiled: CompiledModel, id: Id): string[] {
  const nodes = compiled.dependsOn.map((name) => id(project.seeds.has(name) ? 'seed' : 'model', name))
  return [...nodes, ...(compiled.sources ?? []).map((key) => id('source', key))]
}

function parentMap({ project, models }: ManifestInput, id: Id): Record<string, string[]> {
  const ofModels = models.map((compiled) => [id('model', compiled.name), parentsOf(project, compiled, id)] as const)
  const ofSyncs = [...project.syncs.values()].map((sync) => {
    const { model } = sync
    const read =
      model.kind === 'source'
        ? id('source', `${model.source}.${model.table}`)
        : id(project.seeds.has(model.name) ? 'seed' : 'model', model.name)
    return [id('sync', sync.name), [read, ...sync.dependsOn.map((name) => id('sync', name))]] as const
  })
  return Object.fromEntries([...ofModels, ...ofSyncs])
}

function childMap(parents: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const children = new Map<string, string[]>()
  for (const [child, list] of Object.entries(parents))
    for (const parent of list) children.set(parent, [...(children.get(parent) ?? []), child])
  return Object.fromEntries(children)
}

function checksum(text: string): Entry {
  return { name: 'sha256', checksum: createHash('sha256').update(text).digest('hex') }
}
