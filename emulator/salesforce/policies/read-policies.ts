import { bool, choice, count, optional, record, records, strictKeys, text } from '../../core/control-input.ts'
import { ControlError } from '../../core/crm.ts'
import { readReshapes } from '../../core/read-reshapes.ts'
import {
  type AppPolicy,
  type AuthPolicy,
  type DuplicateRule,
  type LimitPolicy,
  NO_POLICIES,
  type ObjectPolicy,
  type OrgPolicies,
  type RecordTypePolicy,
  type RowLock,
  SESSION_ERRORS,
  type TriggerPolicy,
  type ValidationRule,
} from './org-policies.ts'

/**
 * Merges what the control plane sent: sections by key, objects by name and key; a null gives a key its default back.
 * `nameOf` spells an object's name as the schema does. Throws ControlError(400 or 404) with the place.
 */
export function mergedPolicies(before: OrgPolicies, input: unknown, nameOf: (object: string) => string): OrgPolicies {
  const given = record(input, 'policies')
  strictKeys(given, ['auth', 'limits', 'objects'], 'policies')
  return {
    auth: readAuth(merged(before.auth, given.auth, 'auth')),
    limits: readLimits(merged(before.limits, given.limits, 'limits')),
    objects: readObjects(before.objects, given.objects, nameOf),
  }
}

function merged(before: object, given: unknown, where: string): Record<string, unknown> {
  if (given === undefined) return { ...before }
  if (given === null) return {}
  const after: Record<string, unknown> = { ...before, ...record(given, where) }
  return Object.fromEntries(Object.entries(after).filter(([, value]) => value !== null))
}

function readObjects(
  before: OrgPolicies['objects'],
  given: unknown,
  nameOf: (object: string) => string,
): OrgPolicies['objects'] {
  if (given === undefined) return before
  if (given === null) return {}
  const objects: Record<string, ObjectPolicy> = { ...before }
  for (const [object, policy] of Object.entries(record(given, 'objects'))) {
    const name = nameOf(object)
    const where = `objects.${name}`
    if (policy === null) delete objects[name]
    else objects[name] = readObject(merged(objects[name] ?? {}, policy, where), where)
  }
  return objects
}

function readAuth(input: Record<string, unknown>): AuthPolicy {
  const { auth } = NO_POLICIES
  strictKeys(input, ['require_issued_tokens', 'session_timeout_ms', 'session_error', 'apps'], 'auth')
  return {
    ...auth,
    ...optional('require_issued_tokens', input.require_issued_tokens, (v) => bool(v, 'auth.require_issued_tokens')),
    ...optional('session_timeout_ms', input.session_timeout_ms, (v) =>
      count(v, { min: 1, where: 'auth.session_timeout_ms' }),
    ),
    ...optional('session_error', input.session_error, (v) => choice(v, SESSION_ERRORS, 'auth.session_error')),
    ...optional('apps', input.apps, (v) => records(v, 'auth.apps').map((one, i) => readApp(one, `auth.apps[${i}]`))),
  }
}

function readApp(input: Record<string, unknown>, where: string): AppPolicy {
  strictKeys(input, ['client_id', 'client_secret', 'public_key', 'refresh_tokens', 'run_as', 'installed'], where)
  return {
    client_id: text(input.client_id, `${where}.client_id`),
    ...optional('client_secret', input.client_secret, (v) => text(v, `${where}.client_secret`)),
    ...optional('public_key', input.public_key, (v) => text(v, `${where}.public_key`)),
    ...optional('refresh_tokens', input.refresh_tokens, (v) => texts(v, `${where}.refresh_tokens`)),
    ...optional('run_as', input.run_as, (v) => text(v, `${where}.run_as`)),
    ...optional('installed', input.installed, (v) => bool(v, `${where}.installed`)),
  }
}

function readLimits(input: Record<string, unknown>): LimitPolicy {
  strictKeys(input, ['daily_api_requests', 'used', 'api_bursts', 'per_app', 'concurrent_refusals'], 'limits')
  const whole = (name: string) => (v: unknown) => count(v, { min: 0, where: `limits.${name}` })
  return {
    ...NO_POLICIES.limits,
    ...optional('daily_api_requests', input.daily_api_requests, whole('daily_api_requests')),
    ...optional('used', input.used, whole('used')),
    ...optional('concurrent_refusals', input.concurrent_refusals, whole('concurrent_refusals')),
    ...optional('api_bursts', input.api_bursts, (v) => {
      const given = record(v, 'limits.api_bursts')
      strictKeys(given, ['used', 'max'], 'limits.api_bursts')
      return { used: whole('api_bursts.used')(given.used), max: whole('api_bursts.max')(given.max) }
    }),
    ...optional('per_app', input.per_app, (v) => {
      const given = record(v, 'limits.per_app')
      strictKeys(given, ['name', 'max'], 'limits.per_app')
      return { name: text(given.name, 'limits.per_app.name'), max: whole('per_app.max')(given.max) }
    }),
  }
}

const OBJECT_KEYS = [
  'permissions',
  'fields',
  'record_types',
  'validation_rules',
  'duplicate_rules',
  'triggers',
  'row_locks',
  'approval_locks',
  'reshapes',
]

function readObject(input: Record<string, unknown>, where: string): ObjectPolicy {
  strictKeys(input, OBJECT_KEYS, where)
  const list =
    <T>(name: string, read: (one: Record<string, unknown>, where: string) => T) =>
    (value: unknown): readonly T[] =>
      records(value, `${where}.${name}`).map((one, index) => read(one, `${where}.${name}[${index}]`))
  return {
    ...optional('permissions', input.permissions, (v) => readPermissions(v, `${where}.permissions`)),
    ...optional('fields', input.fields, (v) => readAccess(v, `${where}.fields`)),
    ...optional('record_types', input.record_types, list('record_types', readRecordType)),
    ...optional('validation_rules', input.validation_rules, list('validation_rules', readValidation)),
    ...optional('duplicate_rules', input.duplicate_rules, list('duplicate_rules', readDuplicate)),
    ...optional('triggers', input.triggers, list('triggers', readTrigger)),
    ...optional('row_locks', input.row_locks, list('row_locks', readLock)),
    ...optional('approval_locks', input.approval_locks, (v) => texts(v, `${where}.approval_locks`)),
    ...optional('reshapes', input.reshapes, (v) => readReshapes(v, `${where}.reshapes`)),
  }
}

function readPermissions(value: unknown, where: string): NonNullable<ObjectPolicy['permissions']> {
  const given = record(value, where)
  strictKeys(given, ['create', 'read', 'update', 'delete'], where)
  return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, bool(one, `${where}.${name}`)]))
}

function readAccess(value: unknown, where: string): Record<string, 'hidden' | 'read_only'> {
  const entries = Object.entries(record(value, where))
  return Object.fromEntries(
    entries.map(([name, one]) => [name, choice(one, ['hidden', 'read_only'] as const, `${where}.${name}`)]),
  )
}

function readRecordType(input: Record<string, unknown>, where: string): RecordTypePolicy {
  strictKeys(input, ['name', 'developer_name', 'active', 'available', 'default'], where)
  return {
    name: text(input.name, `${where}.name`),
    ...optional('developer_name', input.developer_name, (v) => text(v, `${where}.developer_name`)),
    ...optional('active', input.active, (v) => bool(v, `${where}.active`)),
    ...optional('available', input.available, (v) => bool(v, `${where}.available`)),
    ...optional('default', input.default, (v) => bool(v, `${where}.default`)),
  }
}

function readValidation(input: Record<string, unknown>, where: string): ValidationRule {
  strictKeys(input, ['name', 'error_if', 'message', 'field'], where)
  return {
    name: text(input.name, `${where}.name`),
    error_if: text(input.error_if, `${where}.error_if`),
    message: text(input.message, `${where}.message`),
    ...optional('field', input.field, (v) => text(v, `${where}.field`)),
  }
}

function readDuplicate(input: Record<string, unknown>, where: string): DuplicateRule {
  strictKeys(input, ['name', 'action', 'match', 'on', 'message'], where)
  const operations = ['create', 'update'] as const
  return {
    name: text(input.name, `${where}.name`),
    action: choice(input.action, ['alert', 'block'] as const, `${where}.action`),
    match: texts(input.match, `${where}.match`),
    ...optional('on', input.on, (v) => texts(v, `${where}.on`).map((one) => choice(one, operations, `${where}.on`))),
    ...optional('message', input.message, (v) => text(v, `${where}.message`)),
  }
}

function readTrigger(input: Record<string, unknown>, where: string): TriggerPolicy {
  strictKeys(input, ['name', 'on', 'if', 'message', 'code'], where)
  const events = ['insert', 'update', 'delete'] as const
  return {
    name: text(input.name, `${where}.name`),
    on:
      input.on === undefined ? events : texts(input.on, `${where}.on`).map((one) => choice(one, events, `${where}.on`)),
    message: text(input.message, `${where}.message`),
    code: input.code === undefined ? 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY' : text(input.code, `${where}.code`),
    ...optional('if', input.if, (v) => text(v, `${where}.if`)),
  }
}

function readLock(input: Record<string, unknown>, where: string): RowLock {
  strictKeys(input, ['ids', 'children_of', 'times'], where)
  if (input.ids === undefined && input.children_of === undefined) {
    throw new ControlError(400, `${where}: names neither ids nor children_of`)
  }
  return {
    ...optional('ids', input.ids, (v) => texts(v, `${where}.ids`)),
    ...optional('children_of', input.children_of, (v) => texts(v, `${where}.children_of`)),
    ...optional('times', input.times, (v) => count(v, { min: 1, where: `${where}.times` })),
  }
}

function texts(value: unknown, where: string): string[] {
  if (!Array.isArray(value)) throw new ControlError(400, `${where}: expected an array of texts`)
  return value.map((one, index) => text(one, `${where}[${index}]`))
}
