/** Validation rules of a sync for its templates: those of the sync file, of the columns' properties and of their semantic types. */

import type { ProblemCode } from '../errors.ts'
import type { ColumnProperties, OnFail, SemanticType } from '../project/project.ts'
import type { Rule } from '../project/rule.ts'
import type { ColumnResolver, ContextColumn, ContextRequest } from './sync-context.ts'
import { uniqueSlugs } from './unique-slugs.ts'

export interface ContextRule {
  name: string
  rule: Rule['rule']
  slug: string
  column: ContextColumn | null
  label: string
  on_fail: OnFail
  code: ProblemCode
  reason: string
  min: string | null
  max: string | null
  values: readonly string[] | null
  pattern: string | null
  length: number | null
}

/** A value that must stand once in the whole source, counted for the candidates' values. */
export interface UniqueCheck {
  scope: string
  rule: string
  column: ContextColumn
  fold: boolean
  label: string
  on_fail: OnFail
  code: ProblemCode
  reason: string
}

export interface RuleSet {
  rules: ContextRule[]
  uniqueChecks: UniqueCheck[]
  expressions: { slug: string; sql: string }[]
  /** Columns the rules read. */
  columns: string[]
}

export function contextRules(
  request: ContextRequest,
  columnOf: ColumnResolver,
  match: { column: ContextColumn; fold: boolean; checked: boolean },
): RuleSet {
  const all = effectiveRules(request)
  const slugs = uniqueSlugs(all.map((rule) => rule.name))
  const entries = all.map((rule, index) => ({ rule, slug: slugs[index] ?? '' }))
  return {
    rules: entries
      .filter(({ rule }) => rule.rule !== 'unique')
      .map(({ rule, slug }) => contextRule(rule, slug, columnOf)),
    uniqueChecks: [
      ...(match.checked ? [matchCheck(request, match)] : []),
      ...entries.filter(({ rule }) => rule.rule === 'unique').map(({ rule }) => uniqueCheck(rule, columnOf)),
    ],
    expressions: entries.flatMap(({ rule, slug }) => (rule.expression ? [{ slug, sql: rule.expression }] : [])),
    columns: all.flatMap((rule) => (rule.column === undefined ? [] : [rule.column])),
  }
}

/** Rules of the sync win over a rule of the same kind on the same column that came from the model's properties. */
export function effectiveRules(request: Pick<ContextRequest, 'sync' | 'properties'>): Rule[] {
  const { sync, properties } = request
  const mapped = new Set([sync.match.from, ...sync.fields.flatMap((field) => (field.from ? [field.from] : []))])
  const written = new Set(sync.validate.map((rule) => `${rule.column}.${rule.rule}`))
  const names = new Set(sync.validate.map((rule) => rule.name))
  const fromProperties = [...mapped].flatMap((name) => {
    const column = properties.get(name)
    return column ? [...column.rules, ...semanticRules(column)] : []
  })
  const added = fromProperties.filter((rule) => {
    const kind = `${rule.column}.${rule.rule}`
    const isNew = !written.has(kind) && !names.has(rule.name)
    written.add(kind)
    return isNew
  })
  return [...sync.validate, ...added]
}

const ruleOfSemantics: Partial<Record<SemanticType, Rule['rule']>> = {
  email: 'email',
  phone: 'phone',
  domain: 'domain',
  country: 'country',
  url: 'url',
  currency: 'number',
}

function semanticRules(column: ColumnProperties): Rule[] {
  const base = { column: column.name, onFail: 'quarantine' as const, at: column.at }
  if (column.semanticType === 'percent') {
    return [{ ...base, name: `${column.name}_between`, rule: 'between', min: '0', max: '100' }]
  }
  const rule = column.semanticType && ruleOfSemantics[column.semanticType]
  return rule ? [{ ...base, name: `${column.name}_${rule}`, rule }] : []
}

function contextRule(rule: Rule, slug: string, columnOf: ColumnResolver): ContextRule {
  return {
    name: rule.name,
    rule: rule.rule,
    slug,
    column: rule.column === undefined ? null : columnOf(rule.column),
    label: rule.column ?? rule.name,
    on_fail: rule.onFail,
    code: 'E-DATA-RULE',
    reason: ruleReason(rule),
    min: rule.min ?? null,
    max: rule.max ?? null,
    values: rule.values ?? null,
    pattern: rule.pattern ?? null,
    length: rule.length ?? null,
  }
}

function ruleReason(rule: Rule): string {
  switch (rule.rule) {
    case 'not_null':
      return 'the value is empty'
    case 'between':
      return `not a number between ${rule.min ?? '-∞'} and ${rule.max ?? '∞'}`
    case 'accepted_values':
      return `not one of the ${rule.values?.length ?? 0} accepted values`
    case 'matches':
      return 'does not match the pattern'
    case 'max_length':
      return `longer than ${rule.length ?? 0} characters`
    case 'expression':
      return 'the expression is not true'
    default:
      return `not a valid ${rule.rule.replace('_', ' ')}`
  }
}

function uniqueCheck(rule: Rule, columnOf: ColumnResolver): UniqueCheck {
  const column = columnOf(rule.column ?? '')
  return {
    scope: `rule:${rule.name}`,
    rule: rule.name,
    column,
    fold: column.standardizer === 'email' || column.standardizer === 'domain',
    label: rule.column ?? rule.name,
    on_fail: rule.onFail,
    code: 'E-DATA-RULE',
    reason: 'the value stands more than once in the model',
  }
}

function matchCheck(request: ContextRequest, match: { column: ContextColumn; fold: boolean }): UniqueCheck {
  return {
    scope: 'match',
    rule: 'match_unique',
    column: match.column,
    fold: match.fold,
    label: request.sync.match.field,
    on_fail: 'quarantine',
    code: match.fold ? 'E-KEY-FOLD' : 'E-KEY-DUP',
    reason: 'several rows of the model lead to the same CRM record',
  }
}
