/** The syncs that make the associations of a sync: each runs after it, over the same rows, and writes nothing else. */
import type { Sync } from '../../project/project.ts'
import { associationSuffix } from '../../project/sync-association.ts'

export function withAssociations(syncs: readonly Sync[]): readonly Sync[] {
  return syncs.flatMap((sync) => [sync, ...associationSyncs(sync)])
}

function associationSyncs(sync: Sync): Sync[] {
  const { associate = [], ...rest } = sync
  return associate.map((association, index) => {
    const { to, label, match, at } = association
    // The label is part of the name, so that another label is another value to acknowledge.
    const field = label === undefined ? `associations.${to}` : `associations.${to}.${label}`
    return {
      ...rest,
      name: `${sync.name}${associationSuffix}${index + 1}`,
      mode: 'update',
      association: { ...association, of: sync.name },
      fields: [{ to: field, from: match.from, onNull: 'ignore', write: 'always', at }],
      firstSync: 'overwrite',
      onRemoved: { action: 'nothing' },
      dependsOn: [sync.name],
      rendered: { ...sync.rendered, associate: [{ to, match, ...(label !== undefined && { label }) }] },
    }
  })
}
