/** Lays one mapping over another: mappings merge, tags add up, everything else is replaced. Places follow the values. */
import { isTree, type Places, type Tree } from './places.ts'

export function mergeTrees(base: Tree, over: Tree, places: Places): Tree {
  const merged: Tree = Object.create(null) as Tree
  for (const key of [...Object.keys(base), ...Object.keys(over).filter((k) => !(k in base))]) {
    merged[key] =
      key in over && key in base ? mergeValues(key, [base, over], places) : key in over ? over[key] : base[key]
    const place = places.get(key in over ? over : base, key)
    if (place !== undefined) places.set(merged, key, place)
  }
  const own = places.own(over) ?? places.own(base)
  if (own !== undefined) places.setOwn(merged, own)
  return merged
}

function mergeValues(key: string, [base, over]: readonly [Tree, Tree], places: Places): unknown {
  const [inBase, inOver] = [base[key], over[key]]
  if (isTree(inBase) && isTree(inOver)) return mergeTrees(inBase, inOver, places)
  return key === 'tags' ? addTags([base, over], places) : inOver
}

/** Tags are a list, or one word; both add up. */
function addTags(trees: readonly Tree[], places: Places): unknown[] {
  const items = trees.flatMap((tree) => {
    const { tags } = tree
    const one = { tag: tags, place: places.get(tree, 'tags') }
    return Array.isArray(tags) ? tags.map((tag: unknown, index) => ({ tag, place: places.get(tags, index) })) : [one]
  })
  const list = items.map((item) => item.tag)
  items.forEach(({ place }, index) => {
    if (place !== undefined) places.set(list, index, place)
  })
  return list
}
