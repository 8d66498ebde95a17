/** `vars:` of project.yml with env_var() rendered, and `--vars` laid over them. */
import type { LoadContext } from './load-context.ts'
import { isTree, type Tree } from './places.ts'
import { renderTree } from './render-tree.ts'

export function buildVars(
  root: Tree,
  overrides: Readonly<Record<string, unknown>>,
  context: LoadContext,
): Readonly<Record<string, unknown>> {
  if (!isTree(root.vars)) return { ...overrides }
  refuseSecrets(root.vars, context)
  const rendered = renderTree({ tree: root.vars, neededBy: 'vars', active: true }, context)
  const vars = rendered === undefined ? {} : (JSON.parse(JSON.stringify(rendered.tree)) as Record<string, unknown>)
  return { ...vars, ...overrides }
}

/** Variables end up in compiled SQL, so a secret must not become one (dbt's naming rule for secrets). */
function refuseSecrets(vars: Tree, context: LoadContext): void {
  for (const [key, value] of Object.entries(vars)) {
    const name = /env_var\(\s*['"](\w*_ENV_SECRET_\w*)/.exec(
      typeof value === 'string' ? value : JSON.stringify(value),
    )?.[1]
    if (name === undefined) continue
    context.problems.add({
      code: 'E-TPL-SECRET',
      message: `${name} is a secret, and variables can be read by SQL`,
      at: context.places.at(vars, [key]),
      help: 'use it in a target or a connection instead',
    })
  }
}
