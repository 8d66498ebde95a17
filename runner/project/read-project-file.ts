/** project.yml, read leniently: what is wrong is reported and replaced by its default, so that the other files are checked too. */
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

function auditOf(root: Tree): AuditDefaults {
  const values = auditValues.safeParse(valueAt(root, ['audit', 'values']))
  return {
    schema: textOf(root, ['audit', 'schema']) ?? 'backfeed_audit',
    values: values.success ? values.data : 'full',
    hashChain: valueAt(root, ['audit', 'hash_chain']) !== false,
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
