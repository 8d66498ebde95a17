/** Targets: all are checked, the active one is resolved. */
import type { Position } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'
import type { WarehouseName } from '../warehouse/warehouse.ts'
import { checkShape } from './check-shape.ts'
import { type LoadContext, present } from './load-context.ts'
import { isSecretKey } from './looks-secret.ts'
import { isTree, scalarText, type Tree } from './places.ts'
import type { Target } from './project.ts'
import { renderTree } from './render-tree.ts'
import { Secret } from './secret.ts'
import { TARGET_TYPES_LATER, targetSchemas } from './target-schemas.ts'

export interface TargetChoice {
  defaultTarget: string
  activeTarget: string
  targetNames: readonly string[]
}

/** Without `targets:` everything runs on DuckDB in target/. */
export function targetTree(root: Tree): Tree {
  if (isTree(root.targets)) return root.targets
  return { dev: { type: 'duckdb', path: 'target/dev.duckdb' } }
}

/** Which target is meant. Reports E-TGT-UNKNOWN for a name nobody declared. */
export function chooseTarget(root: Tree, asked: string | undefined, context: LoadContext): TargetChoice {
  const targetNames = Object.keys(targetTree(root))
  const written = root['default-target']
  const only = targetNames.length === 1 ? targetNames[0] : undefined
  const defaultTarget = typeof written === 'string' ? written : targetNames.includes('dev') ? 'dev' : (only ?? '')
  if (typeof written === 'string') {
    checkTargetName(written, { targetNames, at: context.places.at(root, ['default-target']) }, context)
  } else if (defaultTarget === '' && asked === undefined) {
    context.problems.add({
      code: 'E-TGT-UNKNOWN',
      message: 'no target is chosen',
      at: context.places.at(root, ['targets'], 'key'),
      hint: targetNames.length === 0 ? 'targets: is empty' : `targets: ${targetNames.join(', ')}`,
      help: 'write default-target: <name> in project.yml, or pass --target',
    })
  }
  if (asked !== undefined) checkTargetName(asked, { targetNames }, context)
  return { defaultTarget, activeTarget: asked ?? defaultTarget, targetNames }
}

export function checkTargetName(
  name: string,
  known: { targetNames: readonly string[]; at?: Position },
  context: LoadContext,
): void {
  if (known.targetNames.includes(name)) return
  const hint = suggestName(name, known.targetNames)
  context.problems.add({
    code: 'E-TGT-UNKNOWN',
    message: `there is no target "${name}"`,
    ...(known.at !== undefined && { at: known.at }),
    ...(hint !== undefined && { hint }),
    help: `targets: ${known.targetNames.join(', ')}`,
  })
}

/** The active target, when it is in order. */
export function buildTargets(root: Tree, activeTarget: string, context: LoadContext): ReadonlyMap<string, Target> {
  const tree = targetTree(root)
  const targets = new Map<string, Target>()
  for (const name of Object.keys(tree)) {
    checkName(tree, name, context)
    const target = buildTarget(tree, { name, active: name === activeTarget }, context)
    if (target !== undefined && name === activeTarget) targets.set(name, target)
  }
  return targets
}

function checkName(tree: Tree, name: string, context: LoadContext): void {
  if (/^[A-Za-z_][A-Za-z0-9_-]{0,59}$/.test(name)) return
  context.problems.add({
    code: 'E-CFG-NAME',
    message: `"${name}" cannot be used as the name of a target`,
    at: context.places.at(tree, [name], 'key'),
    hint: 'letters, digits, _ and -, not starting with a digit, at most 60 characters',
  })
}

function buildTarget(tree: Tree, o: { name: string; active: boolean }, context: LoadContext): Target | undefined {
  const entry = tree[o.name]
  if (!isTree(entry)) return undefined
  const what = `target "${o.name}"`
  const schema = schemaOf(entry, what, context)
  const rendered = renderTree({ tree: entry, neededBy: what, active: o.active }, context)
  if (schema === undefined || rendered === undefined) return undefined
  const data = checkShape(schema, rendered.tree, { ...context, what, templatesPass: !o.active })
  if (data === undefined || !oneDatabase(rendered.tree, context)) return undefined
  const {
    type,
    schema: schemaName = 'backfeed',
    threads = 4,
    protect,
    require_approval: requireApproval,
    ...rest
  } = data
  const places = {
    at: context.places.at(tree, [o.name], 'key'),
    settingsAt: context.places.of(entry),
  }
  const settings = settingsOf(o.name, type, rest)
  return {
    name: o.name,
    type,
    schema: schemaName,
    threads,
    settings,
    ...present({ protect, requireApproval }),
    ...places,
  }
}

function schemaOf(
  entry: Tree,
  what: string,
  context: LoadContext,
): (typeof targetSchemas)[keyof typeof targetSchemas] | undefined {
  const type = entry.type
  if (type === 'duckdb' || type === 'postgres') return targetSchemas[type]
  const at = context.places.at(entry, ['type'])
  const known = Object.keys(targetSchemas)
  const hint = suggestName(scalarText(type), [...known, ...TARGET_TYPES_LATER])
  if (type === undefined) {
    const help = `write type: ${known.join(' or ')}`
    context.problems.add({ code: 'E-CFG-MISSING', message: `${what} has no "type"`, at, help })
  } else if (TARGET_TYPES_LATER.some((later) => later === type)) {
    const help = `supported: ${known.join(', ')}`
    context.problems.add({
      code: 'E-CFG-NOTYET',
      message: `the warehouse ${scalarText(type)} is not supported yet`,
      at,
      help,
    })
  } else {
    const code = typeof type === 'string' ? 'E-CFG-VALUE' : 'E-CFG-TYPE'
    context.problems.add({ code, message: `unknown warehouse "${scalarText(type)}"`, at, ...(hint && { hint }) })
  }
  return undefined
}

function oneDatabase(entry: Tree, context: LoadContext): boolean {
  if (entry.database === undefined || entry.dbname === undefined) return true
  const at = context.places.at(entry, ['dbname'], 'key')
  context.problems.add({
    code: 'E-CFG-VALUE',
    message: 'database and dbname are two names of one setting',
    at,
    help: 'keep one',
  })
  return false
}

function settingsOf(name: string, type: WarehouseName, written: Readonly<Record<string, unknown>>): Target['settings'] {
  const { dbname, ...rest } = written
  const settings: Record<string, string | number | boolean | Secret> = {}
  const all = {
    ...(type === 'duckdb' && { path: `target/${name}.duckdb` }),
    ...(dbname !== undefined && { database: dbname }),
    ...rest,
  }
  for (const [key, value] of Object.entries(all)) {
    if (typeof value === 'string') settings[key] = isSecretKey(key) ? new Secret(value) : numeric(key, value)
    else if (typeof value === 'number' || typeof value === 'boolean') settings[key] = value
  }
  return settings
}

/** env_var() gives text, also for ports. */
function numeric(key: string, value: string): string | number {
  return key === 'port' ? Number(value) : value
}
