/** Models, seeds, macros: which files there are, what they are called, what project.yml and property files say about them. */
import { basename, extname } from 'node:path'
import type { Position } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'
import { type AllProperties, type Properties, readAllProperties } from './build-properties.ts'
import { checkShape } from './check-shape.ts'
import { ConfigCascade } from './config-cascade.ts'
import { type LoadContext, present } from './load-context.ts'
import { mergeTrees } from './merge-trees.ts'
import type { PathPart, Tree } from './places.ts'
import type { Model, Project, Seed, SourceFile } from './project.ts'
import { modelConfigSchema, seedConfigSchema } from './project-schema.ts'
import type { ProjectSettings } from './read-project-file.ts'
import { resourceName } from './scalar-schemas.ts'

export interface Resources extends Pick<Project, 'models' | 'seeds' | 'sources'> {
  macroFiles: readonly SourceFile[]
}

export function buildResources(settings: ProjectSettings, context: LoadContext): Resources {
  const list = (key: `${string}-paths`, folders: readonly string[], endings: readonly string[]) =>
    listFiles({ root: settings.root, key, folders, endings }, context)
  const { paths } = settings
  const properties = readAllProperties(
    [...list('model-paths', paths.models, ['.yml', '.yaml']), ...list('seed-paths', paths.seeds, ['.yml', '.yaml'])],
    context,
  )
  const modelFiles = nameFiles(list('model-paths', paths.models, ['.sql']), paths.models)
  const seedFiles = nameFiles(list('seed-paths', paths.seeds, ['.csv']), paths.seeds)
  checkNames([...modelFiles, ...seedFiles], context)
  checkProperties({ kind: 'model', properties: properties.models, files: modelFiles }, context)
  checkProperties({ kind: 'seed', properties: properties.seeds, files: seedFiles }, context)
  return {
    models: buildModels(modelFiles, { settings, properties }, context),
    seeds: buildSeeds(seedFiles, { settings, properties }, context),
    sources: properties.sources,
    macroFiles: list('macro-paths', paths.macros, ['.sql', '.njk']).flatMap((file) => context.files.read(file) ?? []),
  }
}

export interface FolderList {
  root: Tree
  key: string
  folders: readonly string[]
  endings: readonly string[]
}

/** Files of all folders of one `…-paths` key. A folder somebody wrote must exist; a default one need not. */
export function listFiles(o: FolderList, context: LoadContext): string[] {
  const written = o.root[o.key] !== undefined
  const found = o.folders.flatMap((folder, index) => {
    const path: PathPart[] = [o.key, index]
    const at: Position | undefined = written ? context.places.at(o.root, path) : undefined
    return context.files.list({ folder, endings: o.endings, ...(at !== undefined && { at }) })
  })
  return [...new Set(found)]
}

export interface NamedFile {
  name: string
  file: string
  /** Folders below the path, then the name: what cascades go by. */
  steps: readonly string[]
}

function nameFiles(files: readonly string[], folders: readonly string[]): NamedFile[] {
  return files.map((file) => {
    const name = basename(file, extname(file))
    return { name, file, steps: [...folderSteps(file, folders), name] }
  })
}

export function folderSteps(file: string, folders: readonly string[]): string[] {
  const base = folders.map((f) => f.replace(/^\.\//, '').replace(/\/+$/, '')).find((f) => file.startsWith(`${f}/`))
  return file
    .slice(base === undefined ? 0 : base.length + 1)
    .split('/')
    .slice(0, -1)
}

function checkNames(files: readonly NamedFile[], context: LoadContext): void {
  const first = new Map<string, NamedFile>()
  for (const named of files) {
    const at = { file: named.file, line: 1, column: 1 }
    const earlier = first.get(named.name)
    if (earlier !== undefined) {
      const message = `two files are called "${named.name}"; the other is ${earlier.file}`
      context.problems.add({
        code: 'E-CFG-DUPNAME',
        message,
        at,
        help: 'rename one of them: models and seeds share their names',
      })
      continue
    }
    first.set(named.name, named)
    if (resourceName.safeParse(named.name).success) continue
    context.problems.add({
      code: 'E-CFG-NAME',
      message: `"${named.name}" cannot be used as a name`,
      at,
      hint: 'only a–z, 0–9 and _, not starting with a digit, at most 60 characters',
      help: 'rename the file',
    })
  }
}

interface PropertyCheck {
  kind: 'model' | 'seed'
  properties: ReadonlyMap<string, Properties>
  files: readonly NamedFile[]
}

function checkProperties(check: PropertyCheck, context: LoadContext): void {
  const names = check.files.map((file) => file.name)
  for (const { name, at } of check.properties.values()) {
    if (names.includes(name)) continue
    const hint = suggestName(name, names)
    const message = `there is no ${check.kind} "${name}"`
    context.problems.add({
      code: 'E-CFG-REF',
      message,
      at,
      ...(hint && { hint }),
      help: 'correct the name, or remove the entry',
    })
  }
}

interface BuildRequest {
  settings: ProjectSettings
  properties: AllProperties
}

function buildModels(files: readonly NamedFile[], o: BuildRequest, context: LoadContext): ReadonlyMap<string, Model> {
  const resources = files.map((file) => file.steps)
  const cascade = new ConfigCascade(
    { root: o.settings.root, section: 'models', schema: modelConfigSchema, resources },
    context,
  )
  const models = new Map<string, Model>()
  for (const { name, file, steps } of files) {
    const source = context.files.read(file)
    if (source === undefined || models.has(name)) continue
    const properties = o.properties.models.get(name)
    const config = mergeTrees(cascade.for(steps), properties?.config ?? {}, context.places)
    const read = checkShape(modelConfigSchema, config, { ...context, what: `config of model "${name}"` })
    models.set(name, {
      ...present({ description: properties?.description, schema: read?.schema }),
      name,
      file,
      text: source.text,
      materialized: materialized(config, context),
      tags: tagList(read?.tags),
      columns: properties?.columns ?? new Map(),
    })
  }
  return models
}

const MATERIALIZED_LATER = ['incremental', 'ephemeral', 'materialized_view', 'snapshot', 'dynamic_table']

function materialized(config: Tree, context: LoadContext): Model['materialized'] {
  const value = config.materialized ?? 'table'
  if (value === 'table' || value === 'view') return value
  if (typeof value !== 'string') return 'table'
  const at = context.places.at(config, ['materialized'])
  const notYet = MATERIALIZED_LATER.includes(value)
  context.problems.add({
    code: notYet ? 'E-CFG-NOTYET' : 'E-CFG-VALUE',
    message: notYet ? `\`materialized: ${value}\` is not supported yet` : `unknown materialization "${value}"`,
    at,
    hint: 'expected one of: table, view',
  })
  return 'table'
}

function buildSeeds(files: readonly NamedFile[], o: BuildRequest, context: LoadContext): ReadonlyMap<string, Seed> {
  const resources = files.map((file) => file.steps)
  const cascade = new ConfigCascade(
    { root: o.settings.root, section: 'seeds', schema: seedConfigSchema, resources },
    context,
  )
  const seeds = new Map<string, Seed>()
  for (const { name, file, steps } of files) {
    const properties = o.properties.seeds.get(name)
    const config = mergeTrees(cascade.for(steps), properties?.config ?? {}, context.places)
    const tags = seedConfigSchema.safeParse(config)
    seeds.set(name, {
      ...present({ description: properties?.description }),
      name,
      file,
      tags: tagList(tags.success ? tags.data.tags : undefined),
      columns: properties?.columns ?? new Map(),
    })
  }
  return seeds
}

function tagList(tags: string | readonly string[] | undefined): readonly string[] {
  return tags === undefined ? [] : [...new Set(typeof tags === 'string' ? [tags] : tags)]
}
