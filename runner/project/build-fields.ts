/** Field mappings: where each value comes from and what a null means. */
import type { Position } from '../errors.ts'
import { type LoadContext, present } from './load-context.ts'
import type { Tree } from './places.ts'
import type { FieldMapping } from './project.ts'
import type { FieldInput, SyncInput } from './sync-schema.ts'
import { writtenScalar } from './written-scalar.ts'

interface FieldPlace {
  tree: Tree
  index: number
}

export function buildFields(input: SyncInput, tree: Tree, context: LoadContext): readonly FieldMapping[] {
  return input.fields.map((field, index) => {
    const place = { tree, index }
    checkField(field, { mode: input.mode, place }, context)
    return mapping(field, { onNull: input.on_null ?? 'ignore', place }, context)
  })
}

function mapping(
  field: FieldInput,
  o: { onNull: FieldMapping['onNull']; place: FieldPlace },
  context: LoadContext,
): FieldMapping {
  const at = (key: string): Position | undefined =>
    context.places.find(o.place.tree, ['fields', o.place.index, key])?.at
  const value = field.value === undefined ? undefined : constant(field.value, o.place, context)
  return {
    ...present({
      from: field.from,
      ...value,
      clearWhen: field.clear_when,
      sentinel: field.sentinel,
      fromAt: at('from'),
      valueAt: at('value'),
      clearWhenAt: at('clear_when'),
      sentinelAt: at('sentinel'),
      reference: field.reference && reference(field.reference, o.place, context),
    }),
    to: field.to,
    onNull: field.on_null ?? (field.value === undefined ? o.onNull : 'ignore'),
    write: field.write ?? 'always',
    at: context.places.at(o.place.tree, ['fields', o.place.index, 'to']),
  }
}

function reference(
  { object, field }: NonNullable<FieldInput['reference']>,
  { tree, index }: FieldPlace,
  context: LoadContext,
): FieldMapping['reference'] {
  const at = (key: string): Position => context.places.at(tree, ['fields', index, 'reference', key])
  return {
    object,
    field,
    at: context.places.at(tree, ['fields', index, 'reference'], 'key'),
    objectAt: at('object'),
    fieldAt: at('field'),
  }
}

function constant(
  value: string | number | boolean,
  place: FieldPlace,
  context: LoadContext,
): Pick<FieldMapping, 'value' | 'valueKind'> {
  const kinds = { string: 'text', number: 'number', boolean: 'bool' } as const
  const kind = typeof value === 'string' ? 'string' : typeof value === 'number' ? 'number' : 'boolean'
  const { places } = context
  const text = writtenScalar({ root: place.tree, path: ['fields', place.index, 'value'], places }, value)
  return { value: text, valueKind: kinds[kind] }
}

function checkField(field: FieldInput, o: { mode: SyncInput['mode']; place: FieldPlace }, context: LoadContext): void {
  const at = (key: string): Position => context.places.at(o.place.tree, ['fields', o.place.index, key], 'key')
  for (const { key, ...problem } of fieldProblems(field, o.mode)) context.problems.add({ ...problem, at: at(key) })
}

interface FieldProblem {
  key: string
  code: `E-${string}` | `W-${string}`
  message: string
  help: string
}

/** Contradictions a mapping can hold by itself. Pure. */
export function fieldProblems(field: FieldInput, mode: SyncInput['mode']): FieldProblem[] {
  const problems: FieldProblem[] = []
  const constant = field.value !== undefined
  if (constant && field.from !== undefined) {
    problems.push({
      key: 'value',
      code: 'E-MAP-SOURCE',
      message: `field "${field.to}" has both "from" and "value"`,
      help: 'keep one of the two',
    })
  }
  if (!constant && field.from === undefined && field.clear_when === undefined) {
    problems.push({
      key: 'to',
      code: 'E-MAP-SOURCE',
      message: `field "${field.to}" has neither "from" nor "value"`,
      help: 'write from: <column>, or value: <constant>',
    })
  }
  if (!constant && field.from === undefined && field.clear_when !== undefined) {
    problems.push({
      key: 'clear_when',
      code: 'E-MAP-SOURCE',
      message: `field "${field.to}" has neither "from" nor "value"`,
      help: 'clear_when needs a column to write when it is false',
    })
  }
  if (field.clear_when !== undefined && field.sentinel !== undefined) {
    problems.push({
      key: 'sentinel',
      code: 'E-NULL-TWICE',
      message: `field "${field.to}" has both "clear_when" and "sentinel"`,
      help: 'keep one of the two',
    })
  }
  for (const key of ['on_null', 'clear_when', 'sentinel'] as const) {
    if (!constant || field[key] === undefined) continue
    problems.push({
      key,
      code: 'E-NULL-CONSTANT',
      message: `"${key}" can never apply, because "${field.to}" is a constant`,
      help: `remove "${key}"`,
    })
  }
  if (mode === 'update' && field.write === 'on_create') {
    problems.push({
      key: 'write',
      code: 'E-MAP-NOEFFECT',
      message: `"${field.to}" is written on create only, and mode update never creates`,
      help: 'use mode: upsert, or another write rule',
    })
  }
  return [...problems, ...sensitiveField(field)]
}

/** Fields whose change starts something in the CRM, or that people own almost everywhere. */
const SENSITIVE = [
  'ownerid',
  'recordtypeid',
  'hasoptedoutofemail',
  'isdeleted',
  'hubspot_owner_id',
  'lifecyclestage',
  'hs_lead_status',
  'hs_email_optout',
]

function sensitiveField(field: FieldInput): FieldProblem[] {
  if (!SENSITIVE.includes(field.to.toLowerCase())) return []
  return [
    {
      key: 'to',
      code: 'W-MAP-SENSITIVE',
      message: `"${field.to}" is usually owned by people in the CRM`,
      help: 'make sure nobody edits it by hand; if somebody does, list it under ownership.crm instead',
    },
  ]
}
