import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import type { OwnerPolicy } from './policies/portal-policies.ts'
import type { Portal } from './portal.ts'
import { decodeSegment } from './request-body.ts'
import { notFound, validationError } from './request-refused.ts'

/** `rest`: what follows /owners, empty for the list. Undefined: no such route. */
export function handleOwners(portal: Portal, { method, query }: CrmRequest, rest: string): CrmResponse | undefined {
  if (method !== 'GET' || rest.includes('/')) return undefined
  const archived = query.get('archived') === 'true'
  const listed = portal.policies.owners.filter((owner) => (owner.archived ?? false) === archived)
  if (rest !== '') return oneOwner(portal, listed, decodeSegment(rest))
  const email = query.get('email')?.toLowerCase()
  const asked = listed.filter((owner) => email === undefined || owner.email.toLowerCase() === email)
  const limit = Number(query.get('limit') ?? 100)
  if (!(limit >= 1 && limit <= 500)) throw validationError('limit must be between 1 and 500')
  const after = Number(query.get('after') ?? 0)
  const results = asked.slice(after, after + limit).map((owner) => shown(portal, owner))
  const next = after + limit
  const paging = next < asked.length ? { paging: { next: { after: String(next) } } } : {}
  return { status: 200, body: { results, ...paging } }
}

function oneOwner(portal: Portal, listed: readonly OwnerPolicy[], id: string): CrmResponse {
  const owner = listed.find((one) => one.id === id)
  if (owner === undefined) throw notFound(`owner ${id} does not exist`)
  return { status: 200, body: shown(portal, owner) }
}

function shown(portal: Portal, owner: OwnerPolicy): Record<string, unknown> {
  const at = new Date(portal.startedAtMs).toISOString()
  return {
    id: owner.id,
    email: owner.email,
    type: 'PERSON',
    firstName: owner.first_name ?? '',
    lastName: owner.last_name ?? '',
    // An owner is not its user: the two ids differ on purpose.
    userId: Number(owner.id) + 1_000_000 || 1_000_000,
    createdAt: at,
    updatedAt: at,
    archived: owner.archived ?? false,
  }
}
