import type { Problem } from '../errors.ts'
import type { Connection, Sync } from './project.ts'

/** `link_by` is a second look beside a unique key; without such a key there is nothing to link by it. */
export function checkLinkBy({ match }: Sync, type: Connection['type'] | undefined): Problem[] {
  if (match.linkBy === undefined || match.linkByAt === undefined) return []
  if (match.strategy === 'unique_property' && type !== 'salesforce') return []
  return [
    {
      code: 'E-CFG-UNSUPPORTED',
      message: '"link_by" is for HubSpot syncs with strategy unique_property',
      at: match.linkByAt,
      help: 'remove it, or match on a property with unique values',
    },
  ]
}
