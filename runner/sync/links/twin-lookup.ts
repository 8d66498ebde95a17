/**
 * The second look of a sync with a unique key: records that hold the row's value of another property (a company's domain)
 * without carrying its key. A create beside one of them would be a duplicate, so such rows wait for `backfeed link`.
 */
import type { Sync } from '../../project/project.ts'
import type { ContextColumn } from '../sync-context.ts'

export interface TwinLookup {
  /** API name of the property. */
  field: string
  column: ContextColumn
  /** The sync that is linked. */
  of: string
  /** True for `link`: the one record without a key is taken. False for a run: the row waits. */
  adopts: boolean
}

export interface TwinRequest {
  sync: Sync
  destination: 'salesforce' | 'hubspot'
  hasColumn: (name: string) => boolean
}

export type TwinSource = Omit<TwinLookup, 'column'> & { from: string }

const companies: ReadonlySet<string> = new Set(['companies', 'company', '0-2'])

/** Undefined where no create could make a duplicate that a look would have shown. */
export function twinSource({ sync, destination, hasColumn }: TwinRequest): TwinSource | undefined {
  const { link, match, mode, name } = sync
  if (link !== undefined) return { field: link.by, from: link.from, of: link.of, adopts: true }
  if (destination !== 'hubspot' || mode === 'update' || match.strategy !== 'unique_property') return undefined
  if (match.linkBy === 'none') return undefined
  if (match.linkBy !== undefined) return { ...match.linkBy, of: name, adopts: false }
  if (!companies.has(sync.object.toLowerCase()) || match.field === 'domain') return undefined
  const from = sync.fields.find((field) => field.to === 'domain')?.from ?? 'domain'
  return hasColumn(from) ? { field: 'domain', from, of: name, adopts: false } : undefined
}
