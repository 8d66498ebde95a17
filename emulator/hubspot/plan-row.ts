import type { StoredRecord } from '../core/record-store.ts'
import { type Reshape, reshape } from '../core/reshape.ts'
import type { NewAssociation } from './associations/create-with.ts'
import type { ApiVersion, CheckedValue, NormalizedValue, ValueProblem } from './check-value.ts'
import { checkValue, problem } from './check-value.ts'
import { isoMillis } from './instant-text.ts'
import type { Portal } from './portal.ts'
import { storedValue } from './portal.ts'
import { ruleProblems } from './portal-rules.ts'
import type { ObjectSchema } from './portal-schema.ts'
import { isContactEmail } from './portal-schema.ts'
import { secondaryEmails } from './record-aliases.ts'
import type { ItemError } from './row-errors.ts'

/** Unique values taken by earlier rows of the same request: "property value" to record id. */
export type Claims = Map<string, string>

export interface RowInput {
  properties: Readonly<Record<string, unknown>>
  /** The record to update; undefined creates one. */
  existing: StoredRecord | undefined
  /** Id of the record to create, when it is not the portal's to choose. */
  newId?: string
}

export interface RowWrite {
  kind: 'write'
  id: string
  created: boolean
  changes: Record<string, string>
  normalized: NormalizedValue[]
  /** Names the request mentioned, which the answer repeats with the values stored. */
  mentioned: string[]
  /** Made with the record. */
  associations?: readonly NewAssociation[]
}

export type RowPlan =
  | RowWrite
  | { kind: 'invalid'; problems: ValueProblem[] }
  | { kind: 'conflict'; existingId: string; message: string }
  | { kind: 'unassociable'; error: ItemError }

export interface RowRules {
  version: ApiVersion
  /** Edits of a person or a seed: system properties may be set, nothing is required, stages may go back. */
  byHand?: boolean
}

const EMAIL = /^[^\s@<>(),;:"[\]\\]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i

/** What writing this row would do. Decides only; `claims` learns the unique values the row takes. */
export function planRow(
  portal: Portal,
  object: ObjectSchema,
  { input, claims, rules }: { input: RowInput; claims: Claims; rules: RowRules },
): RowPlan {
  const { existing } = input
  const plan: RowWrite = {
    kind: 'write',
    id: existing?.id ?? '',
    created: existing === undefined,
    changes: {},
    normalized: [],
    mentioned: [],
  }
  const problems = checkProperties(object, input, { plan, rules })
  if (rules.byHand !== true) reshapeValues(plan.changes, portal.policies.objects[object.name]?.reshapes ?? {})
  if (existing === undefined && rules.byHand !== true) problems.push(...missingRequired(object, plan.changes))
  if (rules.byHand !== true) {
    const { created, changes } = plan
    const write = { created, changes, held: existing?.fields ?? {}, version: rules.version }
    problems.push(...ruleProblems(portal, object, write))
  }
  if (problems.length > 0) return { kind: 'invalid', problems }
  const taken = findTaken(portal, object, { plan, claims })
  if (taken !== undefined) return taken
  if (plan.created) plan.id = input.newId ?? portal.newId(object)
  for (const name of object.unique) {
    const value = plan.changes[name]
    if (value) claims.set(claimKey(object, name, value), plan.id)
  }
  return plan
}

function reshapeValues(changes: Record<string, string>, reshapes: Readonly<Record<string, Reshape>>): void {
  for (const [name, how] of Object.entries(reshapes)) {
    if (changes[name]) changes[name] = String(reshape(changes[name], how))
  }
}

function checkProperties(
  object: ObjectSchema,
  { properties, existing }: RowInput,
  { plan, rules }: { plan: RowWrite; rules: RowRules },
): ValueProblem[] {
  const problems: ValueProblem[] = []
  for (const name in properties) {
    const current = rules.byHand === true ? undefined : existing?.fields[name]
    const checked = checkProperty(object, name, { value: properties[name], current, rules })
    if (checked.kind === 'problem') problems.push(checked.problem)
    else plan.mentioned.push(name)
    if (checked.kind === 'store') {
      plan.changes[name] = checked.value
      if (checked.normalized !== undefined) plan.normalized.push(checked.normalized)
    }
  }
  return problems
}

function checkProperty(
  object: ObjectSchema,
  name: string,
  { value, current, rules }: { value: unknown; current: unknown; rules: RowRules },
): CheckedValue {
  const definition = object.properties.get(name)
  if (definition === undefined || definition.archived) {
    return problem({ name }, { code: 'PROPERTY_DOESNT_EXIST', message: `Property "${name}" does not exist` })
  }
  if (rules.byHand !== true) {
    if (definition.calculated) {
      return problem(definition, {
        code: 'READ_ONLY_VALUE',
        message: `"${name}" is a calculated property; its value cannot be set.`,
      })
    }
    if (definition.modificationMetadata.readOnlyValue) {
      return problem(definition, {
        code: 'READ_ONLY_VALUE',
        message: `"${name}" is a read only property; its value cannot be set.`,
      })
    }
  }
  // Null is accepted and ignored; '' clears.
  if (value === null || value === undefined) return { kind: 'unchanged' }
  const text = String(value)
  if (text === '') return { kind: 'store', value: '' }
  if (isContactEmail(object, name)) return checkEmail(text)
  return checkValue(definition, text, { version: rules.version, current })
}

function checkEmail(text: string): CheckedValue {
  if (EMAIL.test(text)) return { kind: 'store', value: text.toLowerCase() }
  return problem({ name: 'email' }, { code: 'INVALID_EMAIL', message: `Email address ${text} is invalid`, value: text })
}

function missingRequired({ required }: ObjectSchema, changes: Readonly<Record<string, string>>): ValueProblem[] {
  const missing = required.all.filter((name) => !changes[name])
  const problems = missing.map((name) => requiredProblem(name, `Property "${name}" is required.`))
  if (required.oneOf.length > 0 && !required.oneOf.some((name) => changes[name])) {
    const names = required.oneOf.join(', ')
    problems.push(requiredProblem(required.oneOf[0] ?? '', `One of these properties is required: ${names}.`))
  }
  return problems
}

function requiredProblem(property: string, message: string): ValueProblem {
  return { property, code: 'MISSING_REQUIRED_PROPERTY', message }
}

function findTaken(
  portal: Portal,
  object: ObjectSchema,
  { plan, claims }: { plan: RowWrite; claims: Claims },
): Exclude<RowPlan, RowWrite> | undefined {
  for (const name of object.unique) {
    const value = plan.changes[name]
    if (!value) continue
    const owner = claims.get(claimKey(object, name, value)) ?? portal.findByUnique(object, name, value)?.id
    if (owner === undefined || owner === plan.id) continue
    if (isContactEmail(object, name)) {
      return { kind: 'conflict', existingId: owner, message: `Contact already exists. Existing ID: ${owner}` }
    }
    const coordinates = `portalId=${portal.portalId}, objectTypeId=${object.typeId}, propertyName=${name}, value=${value}`
    const message = `Cannot set PropertyValueCoordinates{${coordinates}}. ${owner} already has that value.`
    return { kind: 'invalid', problems: [{ property: name, code: 'CONFLICTING_UNIQUE_VALUE', message, value }] }
  }
  return undefined
}

function claimKey(object: ObjectSchema, name: string, value: string): string {
  return `${name} ${isContactEmail(object, name) ? value.toLowerCase() : value}`
}

export function applyRow(portal: Portal, object: ObjectSchema, plan: RowWrite): StoredRecord {
  if (object.name === 'contacts') keepSecondaryEmails(portal, plan)
  if (plan.created) return createRow(portal, object, plan)
  const updated = portal.store.update(object.name, plan.id, plan.changes)
  if (updated === undefined) throw new Error(`bug in the emulator: ${object.name} ${plan.id} vanished in one request`)
  return updated
}

function createRow(portal: Portal, object: ObjectSchema, { id, changes, associations = [] }: RowWrite): StoredRecord {
  const record = portal.store.create(object.name, id, changes)
  for (const { to, types } of associations) portal.associations.add({ object, id }, to, types)
  return record
}

/** An address that becomes the primary one is a secondary one no more. */
function keepSecondaryEmails(portal: Portal, { id, changes }: RowWrite): void {
  const listed = changes.hs_additional_emails ?? portal.store.get('contacts', id)?.fields.hs_additional_emails
  const others = secondaryEmails(listed)
  if (others.length === 0) return
  const kept = others.filter((email) => email !== changes.email)
  if (kept.length < others.length) changes.hs_additional_emails = kept.join(';')
  portal.aliases.setEmails(id, kept.join(';'))
}

/** The record as a write answers it: what was mentioned, with a cleared property as ''. */
export function renderWritten(object: ObjectSchema, record: StoredRecord, plan: RowWrite): Record<string, unknown> {
  const properties: Record<string, string | null> = {
    createdate: storedValue(object, record, 'createdate') ?? null,
    hs_object_id: record.id,
    [object.lastModified]: storedValue(object, record, object.lastModified) ?? null,
  }
  for (const name of plan.mentioned) properties[name] = storedValue(object, record, name) ?? null
  const body = { id: record.id, properties, ...recordTimes(record) }
  if (plan.normalized.length === 0) return body
  return { ...body, warnings: plan.normalized.map(normalizationWarning) }
}

function normalizationWarning(change: NormalizedValue) {
  const message = `The value of ${change.propertyName} was normalized.`
  return { category: 'PROPERTY_VALUE_NORMALIZED', message, context: { ...change } }
}

export function recordTimes(record: StoredRecord): { createdAt: string; updatedAt: string; archived: boolean } {
  return {
    createdAt: isoMillis(record.createdAtMs),
    updatedAt: isoMillis(record.updatedAtMs),
    archived: record.removed,
  }
}
