import { CallFailure } from '../call-failure.ts'
import type { ObjectPermissions } from '../destination.ts'
import { isRecord, jsonOf, textOf } from '../raw-answer.ts'
import type { HubspotClient } from './hubspot-client.ts'
import type { HubspotLogin } from './hubspot-login.ts'
import { TOKEN_PATHS } from './hubspot-paths.ts'

export interface PermissionContext {
  client: HubspotClient
  login: HubspotLogin
  /** Scopes by token, filled here. */
  known: Map<string, Promise<ReadonlySet<string> | undefined>>
  signal: AbortSignal
}

/** By the scopes of the token. Undefined where HubSpot does not tell them: service keys cannot be looked at. */
export async function objectPermissions(
  context: PermissionContext,
  object: string,
): Promise<ObjectPermissions | undefined> {
  const scopes = await tokenScopes(context)
  if (scopes === undefined) return undefined
  const needed = objectScopes(object)
  const may = (verb: 'read' | 'write'): boolean => needed[verb].some((scope) => scopes.has(scope))
  const write = may('write')
  const grantedBy = { read: needed.read[0], create: needed.write[0], update: needed.write[0], delete: needed.write[0] }
  return { read: may('read'), create: write, update: write, delete: write, grantedBy }
}

type Scopes = readonly [usual: string, ...others: string[]]

/** Scope names of HubSpot docs, "Scopes"; any one of a list is enough. */
export function objectScopes(object: string): Readonly<Record<'read' | 'write', Scopes>> {
  const name = SCOPE_NAMES[object.toLowerCase()] ?? 'custom'
  if (name === 'tickets') {
    return { read: ['crm.objects.tickets.read', 'tickets'], write: ['crm.objects.tickets.write', 'tickets'] }
  }
  return { read: [`crm.objects.${name}.read`], write: [`crm.objects.${name}.write`] }
}

const SCOPE_NAMES: Readonly<Record<string, string>> = {
  contact: 'contacts',
  contacts: 'contacts',
  '0-1': 'contacts',
  company: 'companies',
  companies: 'companies',
  '0-2': 'companies',
  deal: 'deals',
  deals: 'deals',
  '0-3': 'deals',
  ticket: 'tickets',
  tickets: 'tickets',
  '0-5': 'tickets',
}

/** One look per token: all objects of a run are decided by it. An outage on the way leaves the question open. */
async function tokenScopes(context: PermissionContext): Promise<ReadonlySet<string> | undefined> {
  const { login, known, signal } = context
  const token = await login.token(signal)
  const asked = known.get(token) ?? askScopes(context, token)
  known.set(token, asked)
  return asked.catch((error: unknown) => {
    known.delete(token)
    if (error instanceof CallFailure) return undefined
    throw error
  })
}

async function askScopes(
  { client, login, signal }: PermissionContext,
  token: string,
): Promise<ReadonlySet<string> | undefined> {
  const answer = await client.send(
    login.app === undefined
      ? {
          purpose: 'read',
          method: 'POST',
          path: TOKEN_PATHS.privateApp,
          body: JSON.stringify({ tokenKey: token }),
          signal,
        }
      : {
          purpose: 'read',
          method: 'POST',
          path: TOKEN_PATHS.introspect,
          body: new URLSearchParams({ ...login.app, token, token_type_hint: 'access_token' }).toString(),
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          signal,
        },
  )
  const body = answer.status === 200 ? jsonOf(answer) : undefined
  // A token without any scope is none: an answer without them tells nothing.
  if (!isRecord(body) || !Array.isArray(body.scopes) || body.scopes.length === 0) return undefined
  return new Set(body.scopes.flatMap((scope) => textOf(scope) ?? []))
}
