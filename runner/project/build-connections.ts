/** Connections: every entry is checked, the entry of the active target is resolved. */
import { resolve } from 'node:path'

import { checkTargetName, type TargetChoice } from './build-targets.ts'
import { checkConnectionLogin } from './check-login.ts'
import { checkShape } from './check-shape.ts'
import { connectionSchema, connectionTargetSchemas } from './connection-schemas.ts'
import type { LoadContext } from './load-context.ts'
import { present } from './load-context.ts'
import { isSecretKey } from './looks-secret.ts'
import { isTree, scalarText, type Tree } from './places.ts'
import type { Connection, ConnectionTarget, ExpectedOrg } from './project.ts'
import { type RenderedTree, renderTree } from './render-tree.ts'
import { resourceName } from './scalar-schemas.ts'
import { Secret } from './secret.ts'

/** Addresses and versions are shown in logs and checked, so they stay text even when the environment gives them. */
const NEVER_SECRET = new Set(['instance_url', 'login_url', 'base_url', 'audience', 'private_key_file', 'api_version'])

/** Without `connections:` both CRMs are the emulator, on the default target only. */
export function connectionTree(root: Tree, defaultTarget: string): Tree {
  if (root.connections !== undefined) return isTree(root.connections) ? root.connections : {}
  const targets = { [defaultTarget]: { emulator: true } }
  return { salesforce: { type: 'salesforce', targets }, hubspot: { type: 'hubspot', targets } }
}

export function buildConnections(
  root: Tree,
  choice: TargetChoice,
  context: LoadContext,
): ReadonlyMap<string, Connection> {
  const tree = connectionTree(root, choice.defaultTarget)
  const connections = new Map<string, Connection>()
  for (const name of Object.keys(tree)) {
    const connection = buildConnection(tree, { name, choice }, context)
    if (connection !== undefined) connections.set(name, connection)
  }
  return connections
}

function buildConnection(
  tree: Tree,
  o: { name: string; choice: TargetChoice },
  context: LoadContext,
): Connection | undefined {
  const entry = tree[o.name]
  if (!isTree(entry)) return undefined
  const at = context.places.at(tree, [o.name], 'key')
  checkConnectionName(o.name, at, context)
  const data = checkShape(connectionSchema, entry, { ...context, what: `connection "${o.name}"` })
  const type = entry.type
  if ((type !== 'salesforce' && type !== 'hubspot') || !isTree(entry.targets)) return undefined
  const targets = new Map<string, ConnectionTarget>()
  for (const target of Object.keys(entry.targets)) {
    const keyAt = context.places.at(entry.targets, [target], 'key')
    checkTargetName(target, { targetNames: o.choice.targetNames, at: keyAt }, context)
    const active = target === o.choice.activeTarget
    const built = buildEntry(entry.targets, { target, active, type, connection: o.name }, context)
    if (built !== undefined && active) targets.set(target, built)
  }
  return data === undefined ? undefined : { name: o.name, type, targets, at }
}

function checkConnectionName(name: string, at: import('../errors.ts').Position, context: LoadContext): void {
  if (resourceName.safeParse(name).success) return
  context.problems.add({
    code: 'E-CFG-NAME',
    message: `"${name}" cannot be used as the name of a connection`,
    at,
    hint: 'only a–z, 0–9 and _, not starting with a digit, at most 60 characters',
  })
}

interface EntryRequest {
  target: string
  active: boolean
  type: Connection['type']
  connection: string
}

function buildEntry(tree: Tree, o: EntryRequest, context: LoadContext): ConnectionTarget | undefined {
  const entry = tree[o.target]
  if (!isTree(entry)) return undefined
  const what = `target "${o.target}" of connection "${o.connection}"`
  const rendered = renderTree({ tree: entry, neededBy: `target "${o.target}"`, active: o.active }, context)
  if (rendered === undefined) return undefined
  if (!checkConnectionLogin({ entry: rendered.tree, type: o.type, what }, context)) return undefined
  const schema = connectionTargetSchemas[o.type]
  const data = checkShape(schema, rendered.tree, { ...context, what, templatesPass: !o.active })
  if (data === undefined || !o.active) return undefined
  const places = { at: context.places.at(tree, [o.target], 'key'), settingsAt: context.places.of(entry) }
  return { ...connectionTarget(rendered, context), ...places }
}

function connectionTarget(rendered: RenderedTree, context: LoadContext): ConnectionTarget {
  const { tree } = rendered
  const expect = expectedOrg(tree, context)
  if (tree.emulator === true) return { emulator: true, ...(expect !== undefined && { expect }) }
  const settings: Record<string, string | number | boolean | Secret> = {}
  for (const [key, value] of Object.entries(tree)) {
    if (key === 'expect' || key === 'auth' || key === 'emulator') continue
    const text = key === 'api_version' ? version(context.places.get(tree, key)?.source ?? scalarText(value)) : value
    if (key === 'private_key_file') {
      settings[key] = resolve(context.files.dir, scalarText(value))
      continue
    }
    const secret = (rendered.fromEnv.has(key) || isSecretKey(key)) && !NEVER_SECRET.has(key)
    if (typeof text === 'string') settings[key] = secret ? new Secret(text) : text
    else if (typeof text === 'number' || typeof text === 'boolean') settings[key] = text
  }
  const auth = typeof tree.auth === 'string' ? tree.auth : 'access_token'
  return { emulator: false, auth, settings, ...(expect !== undefined && { expect }) }
}

/** Salesforce writes versions as 62.0, which YAML reads as the number 62. */
function version(source: string): string {
  return /^\d{2}$/.test(source) ? `${source}.0` : source
}

function expectedOrg(tree: Tree, context: LoadContext): ExpectedOrg | undefined {
  const { expect } = tree
  if (!isTree(expect)) return undefined
  const key = 'org_id' in expect ? 'org_id' : 'portal_id'
  const value = expect[key]
  const source = typeof value === 'number' ? context.places.get(expect, key)?.source : undefined
  return present({
    orgId: value === undefined ? undefined : (source ?? scalarText(value)),
    isSandbox: typeof expect.is_sandbox === 'boolean' ? expect.is_sandbox : undefined,
  })
}
