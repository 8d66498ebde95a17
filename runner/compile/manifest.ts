/**
 * target/manifest.json in dbt's top-level shape (schema v12 of dbt 1.8 and later), so that scrapers made for it work.
 * Pure and in a fixed order: the same project gives the same text but for the two facts of the invocation.
 */
import { createHash } from 'node:crypto'
import type { ColumnProperties, Model, Project, Seed, Sync, Target } from '../project/project.ts'
import type { CompiledModel } from './compile.ts'
import { sourceRelation } from './relations.ts'

export interface ManifestRequest {
  project: Project
  target: Target
  models: readonly CompiledModel[]
  toolVersion: string
  invocationId: string
  generatedAt: string
  git?: { sha: string; dirty: boolean }
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }
type Section = Record<string, Json>

export function buildManifest(request: ManifestRequest): { readonly [key: string]: Json | undefined } {
  const { project, target } = request
  const parents = parentMap(request)
  return {
    metadata: {
      dbt_schema_version: null,
      backfeed_schema_version: 1,
      backfeed_version: request.toolVersion,
      generated_at: request.generatedAt,
      invocation_id: request.invocationId,
      project_name: project.name,
      adapter_type: target.type,
      target_name: target.name,
      ...(request.git === undefined ? {} : { git: request.git }),
    },
    nodes: {
      ...section(project.models, (model) => modelNode(request, model)),
      ...section(project.seeds, (seed) => seedNode(request, seed)),
    },
    sources: sources(project),
    macros: macros(project),
    syncs: section(project.syncs, (sync) => syncNode(project, sync)),
    parent_map: parents,
    child_map: childMap(parents),
  }
}

/** SHA-256 of the sync as written, defaults merged, secrets already redacted, with sorted keys. */
export function syncConfigHash(sync: Pick<Sync, 'rendered'>): string {
  return sha256(JSON.stringify(sortedKeys(sync.rendered)))
}

function section<T>(items: ReadonlyMap<string, T>, node: (item: T) => [string, Json]): Section {
  return Object.fromEntries([...items.values()].map(node).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function uniqueId(project: Project, kind: 'model' | 'seed' | 'sync' | 'macro' | 'source', name: string): string {
  return `${kind}.${project.name}.${name}`
}

function modelNode(request: ManifestRequest, model: Model): [string, Json] {
  const { project } = request
  const id = uniqueId(project, 'model', model.name)
  const compiled = request.models.find((each) => each.name === model.name)
  const relation = compiled?.relation ?? { schema: model.schema ?? request.target.schema, name: model.name }
  return [
    id,
    {
      ...common(project, 'model', model),
      ...relation,
      alias: model.name,
      raw_code: model.text,
      compiled_code: compiled?.sql ?? null,
      compiled_path: compiled === undefined ? null : `${project.paths.target}/compiled/${model.file}`,
      checksum: { name: 'sha256', checksum: sha256(model.text) },
      config: {
        materialized: compiled?.materialized ?? model.materialized,
        schema: model.schema ?? null,
        tags: [...model.tags],
      },
      columns: columns(model.columns),
      depends_on: { nodes: compiled === undefined ? [] : dependencies(project, compiled) },
    },
  ]
}

function seedNode({ project, target }: ManifestRequest, seed: Seed): [string, Json] {
  const node = {
    ...common(project, 'seed', seed),
    schema: target.schema,
    alias: seed.name,
    config: { materialized: 'seed', tags: [...seed.tags] },
    columns: columns(seed.columns),
    depends_on: { nodes: [] },
  }
  return [uniqueId(project, 'seed', seed.name), node]
}

interface Resource {
  name: string
  file: string
  description?: string
  tags: readonly string[]
}

function common(project: Project, kind: 'model' | 'seed' | 'sync', { name, file, description, tags }: Resource) {
  return {
    unique_id: uniqueId(project, kind, name),
    resource_type: kind,
    name,
    package_name: project.name,
    path: file.split('/').slice(1).join('/'),
    original_file_path: file,
    description: description ?? '',
    tags: [...tags],
  }
}

function columns(properties: ReadonlyMap<string, ColumnProperties>): Section {
  const described = [...properties.values()].map(
    ({ name, description, dataType, semanticType, sensitive }): [string, Json] => [
      name,
      {
        name,
        description: description ?? '',
        data_type: dataType ?? null,
        meta: { semantic_type: semanticType ?? null, sensitive: sensitive ?? null },
      },
    ],
  )
  return Object.fromEntries(described.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function sources(project: Project): Section {
  return section(project.sources, (source) => {
    const key = `${source.sourceName}.${source.table}`
    const id = uniqueId(project, 'source', key)
    const node = {
      unique_id: id,
      resource_type: 'source',
      source_name: source.sourceName,
      name: source.table,
      identifier: source.identifier,
      database: source.database ?? null,
      schema: sourceRelation(source).schema,
      package_name: project.name,
      columns: columns(source.columns),
    }
    return [id, node]
  })
}

function macros(project: Project): Section {
  const found = project.macroFiles.flatMap(({ file, text }) =>
    [...text.matchAll(/\{%-?\s*macro\s+([A-Za-z_]\w*)/g)].map((match): [string, Json] => {
      const name = match[1] ?? ''
      const id = uniqueId(project, 'macro', name)
      return [id, { unique_id: id, resource_type: 'macro', name, package_name: project.name, original_file_path: file }]
    }),
  )
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function syncNode(project: Project, sync: Sync): [string, Json] {
  const node = {
    ...common(project, 'sync', sync),
    connection: sync.connection,
    object: sync.object,
    mode: sync.mode,
    primary_key: [...sync.primaryKey],
    match: { field: sync.match.field, from: sync.match.from, strategy: sync.match.strategy },
    fields: sync.fields.map(({ to, from, onNull, write }) => ({ to, from: from ?? null, on_null: onNull, write })),
    schedule: sync.schedule === undefined ? null : { every: sync.schedule.every },
    owner: sync.owner === undefined ? null : { name: sync.owner.name, email: sync.owner.email ?? null },
    config_hash: syncConfigHash(sync),
    depends_on: { nodes: syncParents(project, sync) },
  }
  return [uniqueId(project, 'sync', sync.name), node]
}

function dependencies(project: Project, model: CompiledModel): string[] {
  const nodes = model.dependsOn.map((name) => nodeId(project, name))
  return [...nodes, ...model.sources.map((key) => uniqueId(project, 'source', key))].sort()
}

function nodeId(project: Project, name: string): string {
  return uniqueId(project, project.models.has(name) ? 'model' : 'seed', name)
}

function syncParents(project: Project, sync: Sync): string[] {
  const { model } = sync
  const read =
    model.kind === 'ref' ? nodeId(project, model.name) : uniqueId(project, 'source', `${model.source}.${model.table}`)
  return [read, ...sync.dependsOn.map((name) => uniqueId(project, 'sync', name))].sort()
}

function parentMap({ project, models }: ManifestRequest): Record<string, string[]> {
  const parents: [string, string[]][] = [
    ...[...project.seeds.keys()].map((name): [string, string[]] => [uniqueId(project, 'seed', name), []]),
    ...[...project.sources.keys()].map((key): [string, string[]] => [uniqueId(project, 'source', key), []]),
    ...models.map((model): [string, string[]] => [
      uniqueId(project, 'model', model.name),
      dependencies(project, model),
    ]),
    ...[...project.syncs.values()].map((sync): [string, string[]] => [
      uniqueId(project, 'sync', sync.name),
      syncParents(project, sync),
    ]),
  ]
  return Object.fromEntries(parents.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function childMap(parents: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const children: Record<string, string[]> = Object.fromEntries(Object.keys(parents).map((id) => [id, []]))
  for (const [id, above] of Object.entries(parents)) for (const parent of above) children[parent]?.push(id)
  return children
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (typeof value !== 'object' || value === null) return value
  if ('toJSON' in value && typeof value.toJSON === 'function') return value.toJSON()
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortedKeys(inner)]),
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
