import { bool, choice, count, optional, record, records, strictKeys, text } from '../../core/control-input.ts'
import { ControlError } from '../../core/crm.ts'
import { readReshapes } from '../../core/read-reshapes.ts'
import type {
  AccountPolicy,
  AuthPolicy,
  ConditionalRule,
  LimitPolicy,
  OauthPolicy,
  ObjectPolicy,
  OwnerPolicy,
  PipelinePolicy,
  PortalPolicies,
  PropertyValidation,
  WritePolicy,
} from './portal-policies.ts'
import { NO_POLICIES } from './portal-policies.ts'
import { VALIDATION_RULES } from './validation-rules.ts'

type Input = Readonly<Record<string, unknown>>

const SCOPE_PLACES = ['errors', 'context'] as const
const PARTIALS = ['207', 'in_2xx'] as const
const REFUSALS = ['errors', 'message_only'] as const
const SECTIONS = ['account', 'auth', 'limits', 'writes', 'search', 'owners', 'pipelines', 'objects'] as const

/**
 * Merges what the control plane sent: sections by key, pipelines and objects by name; a null gives a key its default back.
 * `nameOf` spells an object's name as the schema does. Throws ControlError(400 or 404) with the place.
 */
export function mergedPolicies(
  before: PortalPolicies,
  input: unknown,
  nameOf: (object: string) => string,
): PortalPolicies {
  const given = record(input, 'policies')
  strictKeys(given, SECTIONS, 'policies')
  const section = (name: 'account' | 'auth' | 'limits' | 'writes' | 'search'): Record<string, unknown> =>
    merged(before[name], given[name], name)
  return {
    account: readAccount(section('account')),
    auth: readAuth(section('auth')),
    limits: readLimits(section('limits')),
    writes: readWrites(section('writes')),
    search: readSearch(section('search')),
    owners: given.owners === undefined ? before.owners : readOwners(given.owners),
    pipelines: byName(before.pipelines, given.pipelines, (name, value) => [nameOf(name), readPipelines(value, name)]),
    objects: byName(before.objects, given.objects, (name, value) => {
      const held = before.objects[nameOf(name)] ?? {}
      return [nameOf(name), readObject(merged(held, value, `objects.${name}`), `objects.${name}`)]
    }),
  }
}

function merged(before: object, given: unknown, where: string): Record<string, unknown> {
  if (given === undefined) return { ...before }
  if (given === null) return {}
  const after: Record<string, unknown> = { ...before, ...record(given, where) }
  return Object.fromEntries(Object.entries(after).filter(([, value]) => value !== null))
}

function byName<T>(
  before: Readonly<Record<string, T>>,
  given: unknown,
  read: (name: string, value: unknown) => [string, T],
): Readonly<Record<string, T>> {
  if (given === undefined) return before
  if (given === null) return {}
  const after: Record<string, T> = { ...before }
  for (const [name, value] of Object.entries(record(given, 'policies'))) {
    if (value === null) delete after[name]
    else {
      const [key, held] = read(name, value)
      after[key] = held
    }
  }
  return after
}

function readAccount(input: Input): AccountPolicy {
  const { account } = NO_POLICIES
  strictKeys(input, ['portal_id', 'account_type', 'time_zone', 'ui_domain', 'currencies'], 'account')
  return {
    ...account,
    ...optional('portal_id', input.portal_id, (value) => count(value, { min: 1, where: 'account.portal_id' })),
    ...optional('account_type', input.account_type, (value) => text(value, 'account.account_type')),
    ...optional('time_zone', input.time_zone, timeZone),
    ...optional('ui_domain', input.ui_domain, (value) => text(value, 'account.ui_domain')),
    ...optional('currencies', input.currencies, (value) => texts(value, 'account.currencies')),
  }
}

function timeZone(value: unknown): string {
  const zone = text(value, 'account.time_zone')
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return zone
  } catch {
    throw new ControlError(400, `account.time_zone: '${zone}' is no time zone`)
  }
}

function readAuth(input: Input): AuthPolicy {
  const known = ['require_issued_tokens', 'tokens', 'scopes', 'missing_scopes_in', 'oauth', 'token_expires_in_s']
  strictKeys(input, known, 'auth')
  return {
    ...NO_POLICIES.auth,
    ...optional('require_issued_tokens', input.require_issued_tokens, (v) => bool(v, 'auth.require_issued_tokens')),
    ...optional('tokens', input.tokens, (value) => texts(value, 'auth.tokens')),
    ...optional('scopes', input.scopes, (value) => texts(value, 'auth.scopes')),
    ...optional('missing_scopes_in', input.missing_scopes_in, (value) =>
      choice(value, SCOPE_PLACES, 'auth.missing_scopes_in'),
    ),
    ...optional('oauth', input.oauth, readOauth),
    ...optional('token_expires_in_s', input.token_expires_in_s, (value) =>
      count(value, { min: 1, where: 'auth.token_expires_in_s' }),
    ),
  }
}

function readOauth(value: unknown): OauthPolicy {
  const input = record(value, 'auth.oauth')
  strictKeys(input, ['client_id', 'client_secret', 'refresh_tokens'], 'auth.oauth')
  return {
    client_id: text(input.client_id, 'auth.oauth.client_id'),
    client_secret: text(input.client_secret, 'auth.oauth.client_secret'),
    refresh_tokens: texts(input.refresh_tokens ?? [], 'auth.oauth.refresh_tokens'),
  }
}

function readLimits(input: Input): LimitPolicy {
  strictKeys(input, ['burst', 'interval_ms', 'daily', 'search_per_second', 'used_today'], 'limits')
  const number = (name: keyof LimitPolicy) =>
    optional(name, input[name], (value) => count(value, { min: 0, where: `limits.${name}` }))
  return {
    ...NO_POLICIES.limits,
    ...number('burst'),
    ...number('interval_ms'),
    ...number('daily'),
    ...number('search_per_second'),
    ...number('used_today'),
  }
}

function readWrites(input: Input): WritePolicy {
  strictKeys(input, ['partial', 'refusal', 'status', 'silent', 'update_by_trace'], 'writes')
  const states = ['COMPLETE', 'PENDING', 'PROCESSING', 'CANCELED'] as const
  return {
    ...NO_POLICIES.writes,
    ...optional('partial', input.partial, (value) => choice(value, PARTIALS, 'writes.partial')),
    ...optional('refusal', input.refusal, (value) => choice(value, REFUSALS, 'writes.refusal')),
    ...optional('status', input.status, (value) => choice(value, states, 'writes.status')),
    ...optional('silent', input.silent, (value) => texts(value, 'writes.silent')),
    ...optional('update_by_trace', input.update_by_trace, (value) => bool(value, 'writes.update_by_trace')),
  }
}

function readSearch(input: Input): PortalPolicies['search'] {
  strictKeys(input, ['index_lag_ms'], 'search')
  const lag = (value: unknown) => count(value, { min: 0, where: 'search.index_lag_ms' })
  return { ...NO_POLICIES.search, ...optional('index_lag_ms', input.index_lag_ms, lag) }
}

function readOwners(value: unknown): OwnerPolicy[] {
  return records(value ?? [], 'owners').map((input) => {
    strictKeys(input, ['id', 'email', 'first_name', 'last_name', 'archived'], 'owners')
    return {
      id: String(input.id),
      email: text(input.email, 'owners.email'),
      ...optional('first_name', input.first_name, (name) => text(name, 'owners.first_name')),
      ...optional('last_name', input.last_name, (name) => text(name, 'owners.last_name')),
      ...optional('archived', input.archived, (archived) => bool(archived, 'owners.archived')),
    }
  })
}

function readPipelines(value: unknown, object: string): PipelinePolicy[] {
  const where = `pipelines.${object}`
  return records(value, where).map((input) => {
    strictKeys(input, ['id', 'label', 'stages'], where)
    const id = text(input.id, `${where}.id`)
    const stages = records(input.stages, `${where}.stages`).map((stage) => {
      const stageId = text(stage.id, `${where}.stages.id`)
      return { id: stageId, label: typeof stage.label === 'string' ? stage.label : stageId }
    })
    return { id, label: typeof input.label === 'string' ? input.label : id, stages }
  })
}

function readObject(input: Input, where: string): ObjectPolicy {
  strictKeys(input, ['required_on_create', 'conditional', 'validations', 'reshapes'], where)
  return {
    ...optional('required_on_create', input.required_on_create, (value) => texts(value, `${where}.required_on_create`)),
    ...optional('reshapes', input.reshapes, (value) => readReshapes(value, `${where}.reshapes`)),
    ...optional('conditional', input.conditional, (value) =>
      records(value, `${where}.conditional`).map((rule): ConditionalRule => {
        strictKeys(rule, ['property', 'values', 'require'], `${where}.conditional`)
        return {
          property: text(rule.property, `${where}.conditional.property`),
          values: texts(rule.values, `${where}.conditional.values`),
          require: text(rule.require, `${where}.conditional.require`),
        }
      }),
    ),
    ...optional('validations', input.validations, (value) =>
      records(value, `${where}.validations`).map((rule): PropertyValidation => {
        strictKeys(rule, ['property', 'rule', 'arguments'], `${where}.validations`)
        return {
          property: text(rule.property, `${where}.validations.property`),
          rule: choice(rule.rule, VALIDATION_RULES, `${where}.validations.rule`),
          arguments: texts(rule.arguments ?? [], `${where}.validations.arguments`),
        }
      }),
    ),
  }
}

function texts(value: unknown, where: string): string[] {
  if (!Array.isArray(value)) throw new ControlError(400, `${where}: expected a list of texts`)
  return value.map((one, index) => text(one, `${where}[${index}]`))
}
