import type { Field } from './field.ts'
import type { FieldValue } from './field-values.ts'
import type { KeyValue } from './upsert-row.ts'

/** Keys that several rows of one call hold: every such row is refused, whichever came first. */
export function repeatedKeys(keys: readonly KeyValue[], field: Field): ReadonlySet<string> {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const key of keys) {
    if ('error' in key || key.value === null) continue
    const text = foldedKey(key.value, field)
    if (seen.has(text)) repeated.add(text)
    seen.add(text)
  }
  return repeated
}

export function foldedKey(value: FieldValue, field: Field): string {
  return field.unique && !field.caseSensitive ? String(value).toLowerCase() : String(value)
}
