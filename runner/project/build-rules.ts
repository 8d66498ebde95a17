/** Validation rules, from `validate:` of a sync and from `data_tests:` of a property file, in one shape. */
import type { Position, Problem } from '../errors.ts'
import { type LoadContext, present } from './load-context.ts'
import type { Rule, RuleName } from './rule.ts'

type Scalar = string | number | boolean

/** What is written, before it is known to make sense. */
export interface RuleDraft {
  name?: string | undefined
  rule?: RuleName | undefined
  column?: string | undefined
  on_fail?: Rule['onFail'] | undefined
  min?: Scalar | undefined
  max?: Scalar | undefined
  values?: readonly Scalar[] | undefined
  pattern?: string | undefined
  length?: number | undefined
  expression?: string | undefined
}

/** Where the draft was written: the whole of it, one argument, and numbers as they were typed. */
export interface RuleOrigin {
  at: Position
  argumentAt(key: string): Position
  /** Of the value of one argument; undefined when it is not written. */
  valueAt(key: string): Position | undefined
  written(path: readonly (string | number)[], value: Scalar): string
}

const ARGUMENTS: Readonly<Record<RuleName, { needs: readonly string[]; oneOf?: readonly string[] }>> = {
  not_null: { needs: [] },
  unique: { needs: [] },
  email: { needs: [] },
  domain: { needs: [] },
  phone: { needs: [] },
  country: { needs: [] },
  url: { needs: [] },
  between: { needs: [], oneOf: ['min', 'max'] },
  accepted_values: { needs: ['values'] },
  matches: { needs: ['pattern'] },
  max_length: { needs: ['length'] },
  number: { needs: [] },
  date: { needs: [] },
  iso_datetime: { needs: [] },
  expression: { needs: ['expression'] },
}
const ALL_ARGUMENTS = ['min', 'max', 'values', 'pattern', 'length', 'expression'] as const

/** Undefined after reporting. */
export function buildRule(draft: RuleDraft, origin: RuleOrigin, context: LoadContext): Rule | undefined {
  const rule = draft.rule ?? (draft.expression === undefined ? undefined : 'expression')
  if (rule === undefined) {
    return report(
      { code: 'E-CFG-MISSING', message: 'this entry has neither "rule" nor "expression"', at: origin.at },
      context,
    )
  }
  const wrong = wrongArguments(draft, rule)
  for (const { key, message } of wrong)
    report({ code: 'E-CFG-RULE', message, at: key === '' ? origin.at : origin.argumentAt(key) }, context)
  const name = draft.name ?? (draft.column === undefined ? undefined : `${draft.column.toLowerCase()}_${rule}`)
  if (wrong.length > 0) return undefined
  if (name === undefined)
    return report({ code: 'E-CFG-MISSING', message: `rule ${rule} needs a "name"`, at: origin.at }, context)
  return finished(draft, { rule, name }, origin)
}

function finished(draft: RuleDraft, o: { rule: RuleName; name: string }, origin: RuleOrigin): Rule {
  const text = (key: 'min' | 'max') => {
    const value = draft[key]
    return value === undefined ? undefined : origin.written([key], value)
  }
  return {
    ...present({
      column: draft.column,
      min: text('min'),
      max: text('max'),
      values: draft.values?.map((value, index) => origin.written(['values', index], value)),
      pattern: draft.pattern,
      length: draft.length,
      expression: draft.expression,
      columnAt: origin.valueAt('column'),
      expressionAt: origin.valueAt('expression'),
    }),
    name: o.name,
    rule: o.rule,
    onFail: draft.on_fail ?? 'quarantine',
    at: origin.at,
  }
}

function wrongArguments(draft: RuleDraft, rule: RuleName): { key: string; message: string }[] {
  const { needs, oneOf = [] } = ARGUMENTS[rule]
  const wrong: { key: string; message: string }[] = []
  for (const key of ALL_ARGUMENTS) {
    if (draft[key] === undefined || needs.includes(key) || oneOf.includes(key)) continue
    wrong.push({ key, message: `rule ${rule} takes no "${key}"` })
  }
  const lacking = ALL_ARGUMENTS.filter((key) => needs.includes(key) && draft[key] === undefined)
  for (const key of lacking) wrong.push({ key: '', message: `rule ${rule} needs "${key}"` })
  if (oneOf.length > 0 && !ALL_ARGUMENTS.some((key) => oneOf.includes(key) && draft[key] !== undefined)) {
    wrong.push({ key: '', message: `rule ${rule} needs ${oneOf.map((k) => `"${k}"`).join(' or ')}` })
  }
  if (rule !== 'expression' && draft.column === undefined)
    wrong.push({ key: '', message: `rule ${rule} needs "column"` })
  return [...wrong, ...wrongValues(draft)]
}

function wrongValues(draft: RuleDraft): { key: string; message: string }[] {
  const wrong: { key: string; message: string }[] = []
  const { min, max, pattern, expression } = draft
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    wrong.push({ key: 'min', message: '"min" is larger than "max", so no row could pass' })
  }
  if (typeof min === 'boolean' || typeof max === 'boolean') {
    wrong.push({ key: typeof min === 'boolean' ? 'min' : 'max', message: 'a limit must be a number or a date' })
  }
  if (pattern !== undefined && !isPattern(pattern)) {
    wrong.push({ key: 'pattern', message: '"pattern" is not a regular expression' })
  }
  if (expression !== undefined && /;|--|\/\*/.test(expression.replace(/'(?:[^']|'')*'/g, ''))) {
    wrong.push({ key: 'expression', message: '"expression" must be one SQL condition, without ; or comments' })
  }
  return wrong
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern)
    return true
  } catch {
    return false
  }
}

function report(problem: Problem, context: LoadContext): undefined {
  context.problems.add({
    ...problem,
    help: 'write - {column: <column>, rule: <rule>}, with what the rule needs beside it',
  })
}

/** Names are what quarantine and audit show, so no two rules of one list may share one. */
export function uniqueRules(rules: readonly Rule[], context: LoadContext): readonly Rule[] {
  const first = new Map<string, Rule>()
  for (const rule of rules) {
    const earlier = first.get(rule.name)
    if (earlier === undefined) {
      first.set(rule.name, rule)
      continue
    }
    const { line, column } = earlier.at
    context.problems.add({
      code: 'E-CFG-DUPNAME',
      message: `two rules are called "${rule.name}"; the first is at ${line}:${column}`,
      at: rule.at,
      help: 'give one of them a "name" of its own',
    })
  }
  return [...first.values()]
}
