import type { Problem } from '../errors.ts'
import type { Connection, Sync } from './project.ts'

/** Associations are HubSpot's, and each is made once. */
export function checkAssociations({ associate = [] }: Sync, type: Connection['type'] | undefined): Problem[] {
  return associate.flatMap(({ at, to, label, match }, index): Problem[] => {
    if (type === 'salesforce') {
      const message = '"associate" is for HubSpot; Salesforce points to other records by a field'
      return [{ code: 'E-CFG-UNSUPPORTED', message, at, help: 'map the field with reference: {object, field}' }]
    }
    const isSame = (other: (typeof associate)[number]) =>
      other.to === to && other.label === label && other.match.field === match.field
    if (associate.findIndex(isSame) === index) return []
    return [{ code: 'E-MAP-DUP', message: `associated with ${to} twice`, at, help: 'remove one of the two' }]
  })
}
