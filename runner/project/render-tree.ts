/** Renders env_var() in every text of a mapping. */
import type { LoadContext } from './load-context.ts'
import { isTree, type Place, type Tree } from './places.ts'
import { checkEnvSyntax, renderEnv } from './render-env.ts'

export interface RenderedTree {
  tree: Tree
  /** Keys of the first level whose value came from the environment, wholly or in part. */
  fromEnv: ReadonlySet<string>
}

export interface RenderTreeRequest {
  tree: Tree
  neededBy: string
  /** False: the entry is not in use; only the form of the calls is checked. */
  active: boolean
}

/** Undefined after reporting. Places of the rendered mapping are those of what was written. */
export function renderTree(request: RenderTreeRequest, context: LoadContext): RenderedTree | undefined {
  const fromEnv = new Set<string>()
  let failed = false
  const renderText = (text: string, place: Place): string => {
    const problems = checkEnvSyntax(text, place)
    const result =
      problems.length > 0 || !request.active ? { problems } : renderEnv({ ...request, ...context, text, place })
    if ('text' in result) return result.text
    for (const problem of result.problems) context.problems.add(problem)
    failed ||= result.problems.length > 0
    return text
  }
  const renderNode = (node: unknown, container: object, key: string): unknown => {
    const place = context.places.get(container, key)
    if (typeof node === 'string') return place === undefined ? node : renderText(node, place)
    if (Array.isArray(node)) return copy(node, [])
    return isTree(node) ? copy(node, Object.create(null) as Tree) : node
  }
  const copy = <T extends object>(from: object, to: T): T => {
    for (const [key, value] of Object.entries(from)) {
      const rendered = renderNode(value, from, key)
      Reflect.set(to, key, rendered)
      const place = context.places.get(from, key)
      if (place !== undefined) context.places.set(to, key, place)
      if (from === request.tree && rendered !== value && typeof value === 'string') fromEnv.add(key)
    }
    const own = context.places.own(from)
    if (own !== undefined) context.places.setOwn(to, own)
    return to
  }
  const tree = copy(request.tree, Object.create(null) as Tree)
  return failed ? undefined : { tree, fromEnv }
}
