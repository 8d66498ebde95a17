/** The property and the column of the look for unlinked records, against the CRM and the model. Pure. */
import type { Problem } from '../../errors.ts'
import { lacks, missingColumn, unknownField } from '../missing-names.ts'
import type { PreflightRequest } from '../preflight.ts'
import { descriptionResolver, findColumn } from '../sync-context.ts'
import { twinSource } from './twin-lookup.ts'

export function linkProblems(request: PreflightRequest): Problem[] {
  const { sync, columns = [], description } = request
  const hasColumn = (name: string) => findColumn(columns, name) !== undefined
  // Only HubSpot syncs get past the loader with a setting for it, and no other sync is linked.
  const source = twinSource({ sync, destination: 'hubspot', hasColumn })
  if (source === undefined || (sync.link === undefined && typeof sync.match.linkBy !== 'object')) return []
  const at = sync.match.linkByAt ?? sync.match.at
  const field = descriptionResolver(description)(source.field)
  return [
    ...(field === undefined ? [unknownField(source.field, at, { object: sync.object, fields: description })] : []),
    ...(lacks(request, source.from) ? [missingColumn('E-MAP-COLUMN', { name: source.from, at }, request)] : []),
  ]
}
