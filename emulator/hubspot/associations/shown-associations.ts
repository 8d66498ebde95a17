import type { Portal } from '../portal.ts'
import type { ObjectSchema } from '../portal-schema.ts'
import type { RecordEnd } from './association-store.ts'
import type { AssociationType } from './association-types.ts'

/** `associations` of a record that is read with the query parameter of that name; undefined where there are none. */
export function shownAssociations(
  portal: Portal,
  from: RecordEnd,
  names: readonly string[],
): Record<string, unknown> | undefined {
  const shown: Record<string, unknown> = {}
  for (const name of names) {
    const to = portal.schema.find(name)
    if (to === undefined) continue
    const live = portal.associations.of(from, to).filter(({ id }) => portal.store.get(to.name, id) !== undefined)
    const results = live.flatMap(({ id, types }) =>
      types.map((type) => ({ id, type: typeName(from.object, to, type) })),
    )
    if (results.length > 0) shown[to.name] = { results }
  }
  return Object.keys(shown).length === 0 ? undefined : shown
}

/** The primary one has the plain name, which the unlabelled one had before there were labels. */
function typeName(from: ObjectSchema, to: ObjectSchema, { label, category }: AssociationType): string {
  const pair = `${from.singular}_to_${to.singular}`
  if (label === null) return `${pair}_unlabeled`
  return category === 'HUBSPOT_DEFINED' ? pair : label.toLowerCase().replace(/\W+/g, '_')
}
