/** Sync files to syncs: defaults merged, checked, normalised. */
import { basename, extname } from 'node:path'
import { folderSteps, listFiles } from './build-models.ts'
import { buildSync } from './build-sync.ts'
import { checkShape } from './check-shape.ts'
import { ConfigCascade } from './config-cascade.ts'
import type { LoadContext } from './load-context.ts'
import { mergeTrees } from './merge-trees.ts'
import { isTree, scalarText, type Tree } from './places.ts'
import type { Sync } from './project.ts'
import type { ProjectSettings } from './read-project-file.ts'
import { readYaml } from './read-yaml.ts'
import { scanScalars } from './scan-scalars.ts'
import { syncFileShell, syncSchema } from './sync-schema.ts'

/** A sync as written, before defaults. */
export interface WrittenSync {
  file: string
  tree: Tree
  defaults: Tree
  steps: readonly string[]
}

export interface BuiltSyncs {
  syncs: readonly Sync[]
  /** Names of all syncs, in order or not; undefined when a file could not be read, so that nobody complains about missing ones. */
  names: ReadonlySet<string> | undefined
}

export function buildSyncs(settings: ProjectSettings, context: LoadContext): BuiltSyncs {
  const { root, paths } = settings
  const files = listFiles({ root, key: 'sync-paths', folders: paths.syncs, endings: ['.yml', '.yaml'] }, context)
  const read = files.map((file) => readSyncFile(file, paths.syncs, context))
  const written = read.flatMap((syncs) => syncs ?? [])
  const resources = written.map((sync) => sync.steps)
  const cascade = new ConfigCascade({ root, section: 'syncs', schema: syncSchema, resources }, context)
  const syncs = written.flatMap((sync) => {
    const withDefaults = mergeTrees(
      mergeTrees(cascade.for(sync.steps), sync.defaults, context.places),
      sync.tree,
      context.places,
    )
    return buildSync({ tree: withDefaults, file: sync.file, auditValues: settings.audit.values }, context) ?? []
  })
  const names = read.includes(undefined)
    ? undefined
    : new Set(written.flatMap((s) => (typeof s.tree.name === 'string' ? s.tree.name : [])))
  return { syncs, names }
}

function readSyncFile(file: string, folders: readonly string[], context: LoadContext): WrittenSync[] | undefined {
  const source = context.files.read(file)
  const root = source === undefined ? undefined : readYaml(source, context)
  if (root === undefined) return undefined
  if (!isTree(root)) {
    const at = { file, line: 1, column: 1 }
    const message = root === null ? 'the file is empty' : 'a sync file must be a mapping with "syncs"'
    context.problems.add({
      code: root === null ? 'E-CFG-MISSING' : 'E-CFG-TYPE',
      message,
      at,
      help: 'list the syncs under syncs:, or remove the file',
    })
    return undefined
  }
  scanScalars(root, context)
  const data = checkShape(syncFileShell, root, { ...context, what: file })
  const defaults = isTree(root.defaults) ? root.defaults : (Object.create(null) as Tree)
  const ignore = (problem: { code: string }) => problem.code === 'E-CFG-MISSING'
  checkShape(syncSchema, defaults, { ...context, what: 'defaults', ignore, templatesPass: true })
  if (data === undefined && !Array.isArray(root.syncs)) return undefined
  const list: readonly unknown[] = Array.isArray(root.syncs) ? root.syncs : []
  const steps = [...folderSteps(file, folders), basename(file, extname(file))]
  return list.filter(isTree).map((tree) => ({ file, tree, defaults, steps: [...steps, scalarText(tree.name)] }))
}
