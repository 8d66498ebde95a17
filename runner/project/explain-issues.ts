/** Turns what zod found into problems with a place, a code, a did-you-mean and a remedy. */
import type { z } from 'zod'
import type { Position, Problem } from '../errors.ts'
import { nearestName, suggestName } from '../nearest-name.ts'
import { isTree, type PathPart, type Places, scalarText, valueAt } from './places.ts'
import { type IssueParams, NOT_YET, shorten } from './scalar-schemas.ts'
import { knownKeys } from './schema-keys.ts'

export interface ExplainContext {
  schema: z.ZodType
  /** The data the schema was given, whose places are known. */
  root: unknown
  places: Places
  /** What the data is, for messages about missing keys: `sync "accounts"`. */
  what: string
  keyPrefix?: string
}

type Issue = z.core.$ZodIssue

export function explainIssues(issues: readonly Issue[], context: ExplainContext): Problem[] {
  return issues.flatMap((issue) => explain(issue, context))
}

function explain(issue: Issue, context: ExplainContext): Problem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], context))
  const value = valueAt(context.root, path)
  if (issue.code === 'custom') return [custom(issue, path, context)]
  if (value === undefined) return missing(path, context)
  if (value === null) return [problem('E-CFG-TYPE', `${label(path)} has no value`, { path, context, issue })]
  return [wrong(issue, path, context)]
}

function wrong(issue: Issue, path: PathPart[], context: ExplainContext): Problem {
  const value = valueAt(context.root, path)
  const shown = describeValue(value)
  if (issue.code === 'invalid_value') {
    const options = issue.values.map(String)
    const isWord = typeof value === typeof issue.values[0]
    const message = isWord
      ? `unknown ${word(path)} ${shown}`
      : `${label(path)} must be ${options.join(' or ')}, got ${shown}`
    const hint = suggestName(scalarText(value), options)
    return {
      ...problem(isWord ? 'E-CFG-VALUE' : 'E-CFG-TYPE', message, { path, context, issue }),
      ...(hint && { hint }),
    }
  }
  if (issue.code === 'invalid_type') {
    const message = `${label(path)} must be ${KINDS[issue.expected] ?? issue.expected}, got ${shown}`
    const quotes = issue.expected === 'string' && typeof value !== 'object' ? { help: 'put it in quotes' } : {}
    return { ...problem('E-CFG-TYPE', message, { path, context, issue }), ...quotes }
  }
  if (issue.code === 'invalid_union') {
    return problem(
      typeof value === 'string' ? 'E-CFG-VALUE' : 'E-CFG-TYPE',
      `${label(path)} ${issue.message}, got ${shown}`,
      { path, context, issue },
    )
  }
  return problem('E-CFG-VALUE', `${label(path)} ${bound(issue)}, got ${shown}`, { path, context, issue })
}

function bound(issue: Issue): string {
  if (issue.code === 'too_small') {
    if (issue.origin === 'array') return 'must have at least one entry'
    if (issue.origin === 'string') return 'must not be empty'
    return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
  }
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`
  return 'is not in the expected form'
}

function custom(issue: Issue, path: PathPart[], context: ExplainContext): Problem {
  const params = ('params' in issue ? issue.params : undefined) as Partial<IssueParams> | undefined
  const code = params?.code ?? 'E-CFG-VALUE'
  const value = valueAt(context.root, path)
  const base = {
    at: context.places.at(context.root, path, params?.onKey === true ? 'key' : 'value'),
    ...(params?.hint !== undefined && { hint: params.hint }),
    ...(params?.help !== undefined && { help: params.help }),
  }
  if (issue.message !== NOT_YET) return { code, message: `${word(path)}: ${issue.message}`, ...base }
  const shown = params?.onKey === true ? dotted(path) : `${dotted(path)}: ${plainValue(value)}`
  return {
    code,
    message: `\`${shown}\` is not supported yet`,
    ...base,
    help: 'remove it; it is refused, so that nobody relies on it',
  }
}

function missing(path: PathPart[], context: ExplainContext): Problem[] {
  const key = String(path.at(-1))
  const owner = path.slice(0, -1)
  if (isMistyped(key, owner, context)) return []
  const where = owner.length === 0 ? context.what : `${label(owner)} of ${context.what}`
  return [
    {
      code: 'E-CFG-MISSING',
      message: `${where} has no "${key}"`,
      at: containerPosition(owner, context),
      ...(HELP[key] !== undefined && { help: HELP[key] }),
    },
  ]
}

/** The unknown key is reported with the right one as its hint: that is one mistake, not two. */
function isMistyped(key: string, owner: PathPart[], context: ExplainContext): boolean {
  const known = knownKeys(context.schema, owner)
  const typed = Object.keys(asTree(valueAt(context.root, owner))).filter((k) => !known.includes(k))
  return typed.some((k) => nearestName(k, known) === key)
}

function containerPosition(owner: PathPart[], context: ExplainContext): Position {
  const named = context.places.find(context.root, [...owner, 'name'])
  return named?.at ?? context.places.at(context.root, owner, 'key')
}

function unknownKey(path: PathPart[], context: ExplainContext): Problem {
  const prefix = path.length === 1 ? (context.keyPrefix ?? '') : ''
  const key = String(path.at(-1))
  const known = knownKeys(context.schema, path.slice(0, -1))
  const nearest = nearestName(key, known)
  const all = known.map((k) => `${prefix}${k}`).join(', ')
  return {
    code: 'E-CFG-UNKNOWN',
    message: `unknown key "${prefix}${shorten(key)}"`,
    at: context.places.at(context.root, path, 'key'),
    hint: nearest === undefined ? `known keys: ${all}` : `did you mean "${prefix}${nearest}"?`,
    help: nearest === undefined ? 'remove the key' : 'rename the key',
  }
}

function problem(
  code: `E-${string}`,
  message: string,
  o: { path: PathPart[]; context: ExplainContext; issue: Issue },
): Problem {
  const help = HELP[String(o.path.findLast((part) => typeof part === 'string'))]
  return { code, message, at: o.context.places.at(o.context.root, o.path), ...(help !== undefined && { help }) }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}

/** What people call the value of a key, where that differs from the key. */
const WORDS: Readonly<Record<string, string>> = {
  on_null: 'null policy',
  write: 'write rule',
  strategy: 'match strategy',
  first_sync: 'first_sync policy',
  semantic_type: 'semantic type',
  auth: 'kind of login',
  type: 'type',
  rule: 'rule',
  mode: 'mode',
}

const HELP: Readonly<Record<string, string>> = {
  on_null: 'to blank the CRM value when the warehouse is null, use `clear`',
  mode: 'upsert creates and updates, update never creates, create never touches existing records',
  strategy: 'use external_id for Salesforce, unique_property for HubSpot, lookup where the field is not unique',
  primary_key: 'name the column (or columns) of the model that identify a row',
  match: 'write match: {field: <CRM field>, from: <column>, strategy: …}',
  model: "write model: ref('name_of_the_model')",
  destination: 'write destination: {connection: <name>, object: <API name>}',
  fields: 'list what to write: - {to: <CRM field>, from: <column>}',
  every: 'write a duration like 15m, 1h or 1d',
}

function word(path: readonly PathPart[]): string {
  const key = String(path.findLast((part) => typeof part === 'string') ?? 'value')
  return WORDS[key] ?? key
}

/** `guards.max_creates` as "max_creates"; the third entry of a list as "entry 3 of fields". */
function label(path: readonly PathPart[]): string {
  const last = path.at(-1)
  if (last === undefined) return 'the file'
  if (typeof last === 'string') return `"${last}"`
  const list = path.at(-2)
  return `entry ${last + 1}${list === undefined ? '' : ` of "${list}"`}`
}

function dotted(path: readonly PathPart[]): string {
  return path.filter((part) => typeof part === 'string').join('.')
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return `"${shorten(value)}"`
  if (Array.isArray(value)) return 'a list'
  return isTree(value) ? 'a mapping' : scalarText(value)
}

function plainValue(value: unknown): string {
  return isTree(value) ? (Object.keys(value)[0] ?? '{}') : scalarText(value)
}

function asTree(value: unknown): Record<string, unknown> {
  return isTree(value) ? value : {}
}
