/**
 * Takes what is wrong out of a mapping, so that the rest can be checked too: one mistake must not hide the next.
 * What comes out is only ever checked; the project does not load, because the mistakes are reported.
 */
import type { z } from 'zod'
import { isTree, type PathPart, type Places, type Tree, valueAt } from './places.ts'

export interface SalvageOptions {
  places: Places
  /** Lists whose entries make no sense in part: a wrong key takes the whole entry out. */
  wholeEntries?: readonly string[]
  /** Stand-ins for required values that were wrong. */
  standIns?: Tree
}

const ROUNDS = 4

/** Undefined when too much is wrong. */
export function salvage<S extends z.ZodType>(
  schema: S,
  data: Tree,
  o: SalvageOptions,
): { tree: Tree; data: z.output<S> } | undefined {
  let tree = data
  for (let round = 0; round < ROUNDS; round++) {
    const result = schema.safeParse(tree)
    if (result.success) return { tree, data: result.data }
    const removed = result.error.issues.flatMap((issue) => partsToRemove(issue, tree, o))
    tree = withStandIns(without(tree, [], { removed: new Set(removed), places: o.places }) as Tree, o)
  }
  return undefined
}

function partsToRemove(issue: z.core.$ZodIssue, tree: Tree, o: SalvageOptions): string[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  const [list, index] = path
  if (o.wholeEntries?.includes(String(list)) === true && typeof index === 'number') return [keyOf([list ?? '', index])]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => keyOf([...path, key]))
  if (valueAt(tree, path) !== undefined) return [keyOf(path)]
  const entry = path.findLastIndex((part) => typeof part === 'number')
  return [keyOf(path.slice(0, entry === -1 ? 1 : entry + 1))]
}

function keyOf(path: readonly PathPart[]): string {
  return JSON.stringify(path.map(String))
}

function without(
  node: unknown,
  path: readonly PathPart[],
  o: { removed: ReadonlySet<string>; places: Places },
): unknown {
  if (!isTree(node) && !Array.isArray(node)) return node
  const copy: Tree | unknown[] = Array.isArray(node) ? [] : (Object.create(null) as Tree)
  for (const [key, value] of Object.entries(node)) {
    const inner = [...path, key]
    if (o.removed.has(keyOf(inner))) continue
    const newKey = Array.isArray(copy) ? copy.length : key
    Reflect.set(copy, newKey, without(value, inner, o))
    const place = o.places.get(node, key)
    if (place !== undefined) o.places.set(copy, newKey, place)
  }
  const own = o.places.own(node)
  if (own !== undefined) o.places.setOwn(copy, own)
  return copy
}

/** Only fills what is missing; a nested stand-in is used when its mapping is there. */
function withStandIns(tree: Tree, { standIns = {} }: SalvageOptions): Tree {
  for (const [key, value] of Object.entries(standIns)) {
    const written = tree[key]
    if (!isTree(value)) tree[key] ??= value
    else if (isTree(written)) for (const [inner, standIn] of Object.entries(value)) written[inner] ??= standIn
  }
  return tree
}
