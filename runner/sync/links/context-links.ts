/** What the context of a sync says about links and associations; both stay out of it where the sync has none. Pure. */
import type { ColumnResolver, ContextRequest, SyncContext } from '../sync-context.ts'
import { findColumn } from '../sync-context.ts'
import { twinSource } from './twin-lookup.ts'

export interface ContextAssociation {
  /** API name of the other object. */
  to: string
  /** API name of its key. */
  key: string
  fold: boolean
  /** JSON of the type in a request; null: the unlabelled one, which has a request of its own. */
  types: string | null
}

export type ContextLinks = Pick<SyncContext, 'key_scope' | 'twins' | 'association'>

/** Another label is another mapping. */
export function hashed(context: object, { association }: ContextLinks): string {
  // What was learnt of the CRM is no part of the mapping.
  const withoutLearnt = (name: string, value: unknown): unknown => (name === 'transforms' ? undefined : value)
  return JSON.stringify({ ...context, association: association ?? undefined }, withoutLearnt)
}

export function batchSize({ sync, traits }: ContextRequest): number {
  const most = sync.association === undefined ? traits.maxBatchSize : (traits.maxAssociations ?? traits.maxBatchSize)
  return Math.min(sync.association === undefined ? (sync.limits.batchSize ?? most) : most, most)
}

export function contextLinks(request: ContextRequest, columnOf: ColumnResolver): ContextLinks {
  const { sync, destination, columns } = request
  const source = twinSource({ sync, destination, hasColumn: (name) => findColumn(columns, name) !== undefined })
  const key_scope = sync.link?.of ?? sync.association?.of ?? sync.name
  const association = contextAssociation(request)
  if (source === undefined) return { key_scope, twins: null, association }
  const { from, ...twins } = source
  return { key_scope, twins: { ...twins, column: columnOf(from) }, association }
}

function contextAssociation({ sync, description }: ContextRequest): ContextAssociation | null {
  if (sync.association === undefined) return null
  const described = description.find((field) => field.association !== undefined)
  const { category, typeId } = described?.association ?? {}
  const types = [{ associationCategory: category, associationTypeId: typeId }]
  return {
    to: sync.association.to,
    key: sync.association.match.field,
    fold: described?.caseSensitive === false,
    types: typeId === undefined ? null : JSON.stringify(types),
  }
}
