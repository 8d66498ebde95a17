/** Looks at every text of a file: tokens are refused everywhere, template code wherever nothing renders it. */
import type { LoadContext } from './load-context.ts'
import { secretKind } from './looks-secret.ts'
import { isTree } from './places.ts'
import { hasTemplate } from './render-env.ts'

export interface ScanRequest {
  /** Top-level keys below which env_var() is rendered later. */
  rendered?: readonly string[]
}

export function scanScalars(root: unknown, context: LoadContext, request: ScanRequest = {}): void {
  visit(root, [], (value, path, container) => {
    const key = path.at(-1) ?? ''
    const at = context.places.get(container, key)?.at
    const kind = secretKind(value)
    if (kind !== undefined) {
      context.problems.add({
        code: 'E-CFG-SECRET',
        message: `the value of "${key}" looks like a token (${kind})`,
        ...(at !== undefined && { at }),
        hint: 'secrets do not belong into files',
        help: 'move it to the environment: "{{ env_var(\'NAME\') }}", and replace the token, since it has been written down',
      })
    }
    if (!hasTemplate(value) || request.rendered?.includes(path[0] ?? '') === true || isProse(path)) return
    context.problems.add({
      code: 'E-CFG-TEMPLATE',
      message: 'template code is not rendered here',
      ...(at !== undefined && { at }),
      help: 'env_var() works in targets, connections and vars of project.yml; everything else is in SQL models',
    })
  })
}

/** dbt projects keep doc() calls in descriptions, and anything below meta. */
function isProse(path: readonly string[]): boolean {
  return path.at(-1) === 'description' || path.includes('meta')
}

type Visitor = (value: string, path: readonly string[], container: object) => void

function visit(node: unknown, path: readonly string[], visitor: Visitor): void {
  if (!Array.isArray(node) && !isTree(node)) return
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'string') visitor(value, [...path, key], node)
    else visit(value, [...path, key], visitor)
  }
}
