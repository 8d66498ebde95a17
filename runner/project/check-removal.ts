/** What a removal may not write. Pure. */
import type { Problem } from '../errors.ts'
import type { Sync } from './project.ts'

export function checkRemoval({ onRemoved, ownership, match }: Sync): Problem[] {
  if (onRemoved.action !== 'set') return []
  const owned = new Set(ownership.crm.map((field) => field.toLowerCase()))
  return onRemoved.fields.flatMap(({ to, at }): Problem[] => {
    if (owned.has(to.toLowerCase())) {
      const message = `on_removed sets "${to}", but ownership.crm says it belongs to the CRM`
      return [{ code: 'E-MAP-CRM-OWNED', message, at, help: 'remove it here, or the entry of ownership.crm' }]
    }
    if (to.toLowerCase() !== match.field.toLowerCase()) return []
    const message = `on_removed sets "${to}", the field records are matched on`
    return [{ code: 'E-MAP-MATCH', message, at, help: 'set another field; a row that comes back must find its record' }]
  })
}
