/** Property files: descriptions, types, rules and sources, by name. */
import type { Position } from '../errors.ts'
import { buildColumns } from './build-columns.ts'
import { checkShape } from './check-shape.ts'
import { type LoadContext, present } from './load-context.ts'
import { isTree, type PathPart, type Tree } from './places.ts'
import type { ColumnProperties, Source } from './project.ts'
import { type PropertyFile, propertyFileSchema } from './property-schema.ts'
import { readYaml } from './read-yaml.ts'
import { salvage } from './salvage.ts'
import { scanScalars } from './scan-scalars.ts'

/** What a property file says about one model or seed. */
export interface Properties {
  name: string
  description?: string
  /** `config:` as written, with `tags:` beside it merged in. */
  config: Tree
  columns: ReadonlyMap<string, ColumnProperties>
  at: Position
}

export interface AllProperties {
  models: ReadonlyMap<string, Properties>
  seeds: ReadonlyMap<string, Properties>
  sources: ReadonlyMap<string, Source>
}

export function readAllProperties(files: readonly string[], context: LoadContext): AllProperties {
  const all = {
    models: new Map<string, Properties>(),
    seeds: new Map<string, Properties>(),
    sources: new Map<string, Source>(),
  }
  for (const file of files) {
    const root = readPropertyFile(file, context)
    if (root === undefined) continue
    const read = readProperties(root, file, context)
    if (read === undefined) continue
    const { data, tree } = read
    for (const kind of ['models', 'seeds'] as const) {
      data[kind]?.forEach((entry, index) => {
        const properties = propertiesOf(entry, { root: tree, path: [kind, index] }, context)
        addOnce(all[kind], properties, context)
      })
    }
    for (const source of sourcesOf(data, tree, context)) addSource(all.sources, source, context)
  }
  return all
}

function readProperties(
  root: Tree,
  what: string,
  context: LoadContext,
): { data: PropertyFile; tree: Tree } | undefined {
  const data = checkShape(propertyFileSchema, root, { ...context, what, templatesPass: true })
  return data === undefined ? salvage(propertyFileSchema, root, context) : { data, tree: root }
}

function readPropertyFile(file: string, context: LoadContext): Tree | undefined {
  const source = context.files.read(file)
  const root = source === undefined ? undefined : readYaml(source, context)
  if (root === undefined || root === null) return undefined
  scanScalars(root, context)
  if (isTree(root)) return root
  const at = { file, line: 1, column: 1 }
  context.problems.add({
    code: 'E-CFG-TYPE',
    message: 'a property file must be a mapping with models, seeds or sources',
    at,
  })
  return undefined
}

type Entry = NonNullable<PropertyFile['models']>[number] | NonNullable<PropertyFile['seeds']>[number]
interface Origin {
  root: Tree
  path: readonly PathPart[]
}

function propertiesOf(entry: Entry, origin: Origin, context: LoadContext): Properties {
  const { places } = context
  const written = origin.path.reduce<unknown>((node, key) => (node as Record<PathPart, unknown>)[key], origin.root)
  const tree = isTree(written) ? written : {}
  const config: Tree = isTree(tree.config) ? { ...tree.config } : {}
  for (const key of Object.keys(config)) {
    const place = places.get(tree.config, key)
    if (place !== undefined) places.set(config, key, place)
  }
  if (tree.tags !== undefined && config.tags === undefined) config.tags = tree.tags
  return {
    ...present({ description: entry.description }),
    name: entry.name,
    config,
    columns: buildColumns(entry.columns ?? [], { root: origin.root, path: [...origin.path, 'columns'] }, context),
    at: places.at(origin.root, [...origin.path, 'name']),
  }
}

function addOnce(all: Map<string, Properties>, properties: Properties, context: LoadContext): void {
  const earlier = all.get(properties.name)
  if (earlier === undefined) {
    all.set(properties.name, properties)
    return
  }
  const { file, line, column } = earlier.at
  context.problems.add({
    code: 'E-CFG-DUPNAME',
    message: `properties of "${properties.name}" are given twice; first at ${file}:${line}:${column}`,
    at: properties.at,
    help: 'keep one of the two',
  })
}

function sourcesOf(data: PropertyFile, root: Tree, context: LoadContext): (Source & { at: Position })[] {
  return (data.sources ?? []).flatMap((source, s) =>
    source.tables.map((table, t) => {
      const path = ['sources', s, 'tables', t]
      return {
        ...present({ schema: source.schema ?? source.name, database: source.database }),
        sourceName: source.name,
        table: table.name,
        identifier: table.identifier ?? table.name,
        columns: buildColumns(table.columns ?? [], { root, path: [...path, 'columns'] }, context),
        at: context.places.at(root, [...path, 'name']),
      }
    }),
  )
}

function addSource(all: Map<string, Source>, found: Source & { at: Position }, context: LoadContext): void {
  const { at, ...source } = found
  const key = `${source.sourceName}.${source.table}`
  if (all.has(key)) {
    const message = `source('${source.sourceName}', '${source.table}') is declared twice`
    context.problems.add({ code: 'E-CFG-DUPNAME', message, at, help: 'keep one of the two' })
  }
  all.set(key, source)
}
