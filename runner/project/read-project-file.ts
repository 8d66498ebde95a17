/** project.yml, read leniently: what is wrong is reported and replaced by its default, so that the other files are checked too. */
import { posix } from 'node:path'
import { BackfeedError } from '../errors.ts'
import { checkShape } from './check-shape.ts'
import { noProject, PROJECT_FILE } from './find-project.ts'
import type { LoadContext } from './load-context.ts'
import { isTree, type PathPart, type Tree, valueAt } from './places.ts'
import type { AuditDefaults, Project } from './project.ts'
import { projectSchema } from './project-schema.ts'
import { readYaml } from './read-yaml.ts'
import { checkRequiredVersion } from './required-version.ts'
import { scanScalars } from './scan-scalars.ts'
import { auditValues } from './sync-schema.ts'

export interface ProjectSettings extends Pick<Project, 'name' | 'version' | 'paths' | 'cleanTargets' | 'audit'> {
  root: Tree
}

/** Throws at once when there is nothing to go on with: no file, or not YAML. */
export function readProjectFile(context: LoadContext): ProjectSettings {
  const root = readRoot(context)
  checkShape(projectSchema, root, { ...context, what: PROJECT_FILE })
  scanScalars(root, context, { rendered: ['targets', 'connections', 'vars'] })
  checkRequiredVersion(root, context)
  checkOutputs(root, context)
  const target = textOf(root, ['target-path']) ?? 'target'
  return {
    root,
    name: textOf(root, ['name']) ?? '',
    version: context.places.find(root, ['version'])?.source ?? '0.0.0',
    paths: {
      models: namesOf(root, 'model-paths', ['models']),
      macros: namesOf(root, 'macro-paths', ['macros']),
      syncs: namesOf(root, 'sync-paths', ['syncs']),
      seeds: namesOf(root, 'seed-paths', ['seeds']),
      tests: namesOf(root, 'test-paths', ['tests']),
      target,
    },
    cleanTargets: namesOf(root, 'clean-targets', [target]),
    audit: auditOf(root),
  }
}

function readRoot(context: LoadContext): Tree {
  const source = context.files.read(PROJECT_FILE)
  if (source === undefined) throw new BackfeedError(context.problems.errors)
  const root = readYaml(source, context)
  if (root === undefined) throw new BackfeedError(context.problems.errors)
  if (root === null) throw noProject('project.yml is empty')
  if (isTree(root)) return root
  throw new BackfeedError({
    code: 'E-CFG-TYPE',
    message: 'project.yml must be a mapping of keys to values',
    at: { file: PROJECT_FILE, line: 1, column: 1 },
  })
}

/** These folders are written to and deleted, so they may not be the project, lie outside, or hold its sources. */
function checkOutputs(root: Tree, context: LoadContext): void {
  const paths: PathPart[][] = [
    ['target-path'],
    ...namesOf(root, 'clean-targets', []).map((_, i) => ['clean-targets', i]),
  ]
  const sources = SOURCE_PATHS.flatMap(([key, fallback]) => namesOf(root, key, [fallback]).map(normal))
  for (const path of paths) {
    const folder = textOf(root, path)
    if (folder === undefined) continue
    const at = context.places.at(root, path)
    context.files.checkOutput(folder, at)
    const source = sources.find((s) => s === normal(folder) || s.startsWith(`${normal(folder)}/`))
    if (source === undefined) continue
    const message = `"${folder}" holds files of the project (${source}), and would be written to or deleted`
    context.problems.add({ code: 'E-CFG-PATH', message, at, help: 'name a folder for output only' })
  }
}

const SOURCE_PATHS = [
  ['model-paths', 'models'],
  ['macro-paths', 'macros'],
  ['sync-paths', 'syncs'],
  ['seed-paths', 'seeds'],
  ['test-paths', 'tests'],
] as const

function normal(folder: string): string {
  return posix.normalize(folder).replace(/\/+$/, '')
}

function auditOf(root: Tree): AuditDefaults {
  const values = auditValues.safeParse(valueAt(root, ['audit', 'values']))
  const retention = valueAt(root, ['audit', 'retention_days'])
  return {
    schema: textOf(root, ['audit', 'schema']) ?? 'backfeed_audit',
    values: values.success ? values.data : 'full',
    hashChain: valueAt(root, ['audit', 'hash_chain']) !== false,
    ...(typeof retention === 'number' ? { retentionDays: retention } : {}),
  }
}

function textOf(root: Tree, path: readonly PathPart[]): string | undefined {
  const value = valueAt(root, path)
  return typeof value === 'string' ? value : undefined
}

function namesOf(root: Tree, key: string, fallback: string[]): string[] {
  const value = root[key]
  return Array.isArray(value) && value.every((v) => typeof v === 'string') ? value : fallback
}
