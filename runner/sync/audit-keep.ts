/** What the audit may keep of a column's values, and whether a key may be shown. Pure. */
import type { ColumnProperties, Sync } from '../project/project.ts'

export type Kept = 'full' | 'mask' | 'hash' | 'omit'

const maskedByDefault: ReadonlySet<string> = new Set(['email', 'phone', 'name'])

/** Declared, or of a kind that is masked unless somebody says otherwise; `audit.values` is about values, not about keys. */
export function isSensitive(sync: Sync, column: string, properties: ColumnProperties | undefined): boolean {
  if (sync.audit.sensitive[column] ?? properties?.sensitive) return true
  return properties?.semanticType !== undefined && maskedByDefault.has(properties.semanticType)
}

/** The strictest of what the sync says, what the column says and what the sync's audit keeps at all. */
export function keepOf(sync: Sync, column: string | undefined, properties: ColumnProperties | undefined): Kept {
  const own = column === undefined ? undefined : sync.audit.sensitive[column]
  const declared = own ?? properties?.sensitive
  const bySemantics = properties?.semanticType && maskedByDefault.has(properties.semanticType) ? 'mask' : 'full'
  const byAudit = ({ full: 'full', masked: 'mask', hashed: 'hash', none: 'omit' } as const)[sync.audit.values]
  const order = ['full', 'mask', 'hash', 'omit'] as const
  return order[Math.max(order.indexOf(declared ?? bySemantics), order.indexOf(byAudit))] ?? 'omit'
}
