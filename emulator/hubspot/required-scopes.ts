import type { AuthPolicy } from './policies/portal-policies.ts'
import type { ObjectSchema } from './portal-schema.ts'
import { RequestRefused } from './request-refused.ts'

/** Any one of the scopes will do. */
export type ScopeNeed = readonly string[]

export function recordScopes(object: ObjectSchema, access: 'read' | 'write'): ScopeNeed {
  return object.name === 'tickets'
    ? ['tickets', `crm.objects.tickets.${access}`]
    : [`crm.objects.${scopeName(object)}.${access}`]
}

/** Definitions may be read by whoever may read the records; changing them takes the schema scope. */
export function definitionScopes(object: ObjectSchema, access: 'read' | 'write'): ScopeNeed {
  const schema = `crm.schemas.${scopeName(object)}.${access}`
  return access === 'read' ? [schema, ...recordScopes(object, 'read')] : [schema]
}

function scopeName({ name, typeId }: ObjectSchema): string {
  return typeId.startsWith('2-') ? 'custom' : name
}

const SCOPED = ['contacts', 'companies', 'deals', 'custom']
const EVERY_SCOPE: readonly string[] = [
  'oauth',
  'tickets',
  'crm.objects.owners.read',
  ...['objects', 'schemas'].flatMap((what) =>
    SCOPED.flatMap((name) => [`crm.${what}.${name}.read`, `crm.${what}.${name}.write`]),
  ),
]

/** What a token is said to hold; without a policy it holds all there is. */
export function grantedScopes({ scopes }: AuthPolicy): readonly string[] {
  return scopes ?? EVERY_SCOPE
}

/** Throws the 403 for the first need that no scope of the token meets. */
export function requireScopes({ scopes, missing_scopes_in }: AuthPolicy, needs: readonly ScopeNeed[]): void {
  if (scopes === undefined) return
  const missing = needs.find((need) => !need.some((scope) => scopes.includes(scope)))
  if (missing === undefined) return
  const message = "This app hasn't been granted all required scopes to make this call."
  const context = { requiredGranularScopes: missing }
  const named =
    missing_scopes_in === 'context'
      ? { context }
      : { errors: [{ message: 'One or more of the following scopes are required.', context }] }
  const more = { links: { scopes: 'https://developers.hubspot.com/scopes' } }
  throw new RequestRefused({ status: 403, message, category: 'MISSING_SCOPES', ...named, more })
}
