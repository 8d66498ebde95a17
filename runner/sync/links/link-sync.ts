/** The sync that `backfeed link` plans and runs: it finds records by another property and writes the key into them, nothing else. */
import { BackfeedError } from '../../errors.ts'
import type { Project, Sync } from '../../project/project.ts'
import { linkSuffix } from '../../project/sync-match.ts'

/** The sync of a link run belongs to the same lease and has a log and a state of its own. */
export function linkSync(project: Pick<Project, 'connections'>, sync: Sync, by: string): Sync {
  refuse(project, sync, by)
  const { match } = sync
  const from = columnOf(sync, by)
  const { associate: _, ...rest } = sync
  return {
    ...rest,
    name: `${sync.name}${linkSuffix}`,
    mode: 'update',
    link: { of: sync.name, by, from },
    fields: [{ to: match.field, from: match.from, onNull: 'ignore', write: 'always', at: match.at }],
    firstSync: 'overwrite',
    onRemoved: { action: 'nothing' },
    dependsOn: [],
    rendered: { ...sync.rendered, link: { of: sync.name, by, from } },
  }
}

/** As the sync says it, as it maps it, or the column of the property's own name. */
function columnOf({ match, fields }: Sync, by: string): string {
  if (typeof match.linkBy === 'object' && match.linkBy.field === by) return match.linkBy.from
  return fields.find((field) => field.to === by)?.from ?? by
}

function refuse(project: Pick<Project, 'connections'>, sync: Sync, by: string): void {
  const { match, name } = sync
  const isHubspot = project.connections.get(sync.connection)?.type === 'hubspot'
  if (!isHubspot || match.strategy !== 'unique_property') {
    throw new BackfeedError({
      code: 'E-MAP-STRATEGY',
      message: `sync "${name}" has no unique HubSpot property that link could write`,
      at: match.strategyAt ?? match.at,
      help: 'give the object a property with unique values, and match on it with strategy: unique_property',
    })
  }
  if (match.field !== by) return
  throw new BackfeedError({
    code: 'E-MAP-MATCH',
    message: `sync "${name}" matches on ${by} itself; there is nothing to link by it`,
    at: match.at,
    help: 'name another property that holds what the model knows, such as domain',
  })
}
