/** Columns of property files, with dbt's data tests read as our rules where they mean the same. */

import { suggestName } from '../nearest-name.ts'
import { buildRule, type RuleDraft, uniqueRules } from './build-rules.ts'
import { checkShape } from './check-shape.ts'
import { type LoadContext, present } from './load-context.ts'
import { isTree, type PathPart, type Tree } from './places.ts'
import type { ColumnProperties } from './project.ts'
import { type ColumnInput, columnTestSchema } from './property-schema.ts'
import type { Rule, RuleName } from './rule.ts'
import { RULE_NAMES } from './sync-schema.ts'
import { writtenScalar } from './written-scalar.ts'

interface Origin {
  root: Tree
  path: readonly PathPart[]
}

/** dbt tests that exist, but whose rule is not built. */
const LATER = ['relationships']

export function buildColumns(
  columns: readonly ColumnInput[],
  origin: Origin,
  context: LoadContext,
): ReadonlyMap<string, ColumnProperties> {
  const all = new Map<string, ColumnProperties>()
  columns.forEach((column, index) => {
    const path = [...origin.path, index]
    const at = context.places.at(origin.root, [...path, 'name'])
    const earlier = all.get(column.name)
    if (earlier !== undefined) {
      const message = `column "${column.name}" is listed twice; first at ${earlier.at.line}:${earlier.at.column}`
      context.problems.add({ code: 'E-CFG-DUPNAME', message, at, help: 'keep one of the two' })
      return
    }
    const rules = [...rulesOf(column, { root: origin.root, path }, context)]
    all.set(column.name, {
      ...present({
        description: column.description,
        dataType: column.data_type,
        semanticType: column.semantic_type,
        sensitive: column.sensitive,
      }),
      name: column.name,
      rules: uniqueRules(rules, context),
      at,
    })
  })
  return all
}

function rulesOf(column: ColumnInput, origin: Origin, context: LoadContext): Rule[] {
  return (['data_tests', 'tests'] as const).flatMap((key) =>
    (column[key] ?? []).flatMap((test, index) => {
      const path = [...origin.path, key, index]
      const rule = ruleOf(test, { column: column.name, root: origin.root, path }, context)
      return rule === undefined ? [] : [rule]
    }),
  )
}

type Test = string | Readonly<Record<string, unknown>>

function ruleOf(test: Test, o: Origin & { column: string }, context: LoadContext): Rule | undefined {
  const at = context.places.at(o.root, o.path)
  const names = typeof test === 'string' ? [test] : Object.keys(test)
  const [name] = names
  if (name === undefined || names.length > 1) {
    const message = 'a data test is a name, or one name with its arguments below it'
    context.problems.add({ code: 'E-CFG-TYPE', message, at, help: 'write - accepted_values: {values: [a, b]}' })
    return undefined
  }
  const rule = RULE_NAMES.find((known) => known === name)
  if (rule === undefined)
    return unknownTest(name, typeof test === 'string' ? o.path : [...o.path, name], { root: o.root, context })
  const argumentsPath = [...o.path, name]
  const draft = typeof test === 'string' ? {} : draftOf(test[name], { ...o, path: argumentsPath }, context)
  return draft && buildTestRule({ rule, draft }, { ...o, path: argumentsPath }, context)
}

function buildTestRule(
  { rule, draft }: { rule: RuleName; draft: RuleDraft & { inner?: string } },
  o: Origin & { column: string },
  context: LoadContext,
): Rule | undefined {
  const { root } = o
  const { places } = context
  const path = draft.inner === undefined ? o.path : [...o.path, draft.inner]
  const at = places.at(root, o.path, 'key')
  const origin = {
    at,
    argumentAt: (key: string) => places.at(root, [...path, key], 'key'),
    valueAt: (key: string) => places.find(root, [...path, key])?.at,
    written: (inner: readonly PathPart[], value: string | number | boolean) =>
      writtenScalar({ root, path: [...path, ...inner], places }, value),
  }
  return buildRule({ ...draft, rule, column: o.column }, origin, context)
}

/** Arguments stand below the name, or below `arguments:` as newer dbt versions want. */
function draftOf(written: unknown, o: Origin, context: LoadContext): (RuleDraft & { inner?: string }) | undefined {
  if (written === null || written === undefined) return {}
  const tree = o.path.reduce<unknown>((node, key) => (node as Record<PathPart, unknown>)[key], o.root)
  const data = checkShape(columnTestSchema, tree, { ...context, what: `data test "${String(o.path.at(-1))}"` })
  if (data === undefined) return undefined
  const { arguments: inner, name, severity: _error, ...direct } = data
  const isInner = isTree(tree) && 'arguments' in tree
  return { ...direct, ...inner, name, ...(isInner && { inner: 'arguments' }) }
}

function unknownTest(name: string, path: readonly PathPart[], o: { root: Tree; context: LoadContext }): undefined {
  const at = o.context.places.at(o.root, path, 'key')
  if (LATER.includes(name)) {
    o.context.problems.add({
      code: 'E-CFG-NOTYET',
      message: `\`${name}\` is not supported yet`,
      at,
      help: 'remove the test',
    })
    return
  }
  const hint = suggestName(name, RULE_NAMES)
  o.context.problems.add({ code: 'E-CFG-VALUE', message: `unknown data test "${name}"`, at, ...(hint && { hint }) })
}
