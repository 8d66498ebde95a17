/** `on_removed:` as the templates of a sync see it. Pure. */
import type { FieldDescription } from '../../destination/destination.ts'
import type { FieldMapping, Sync } from '../../project/project.ts'
import type { ContextField } from '../context-fields.ts'

export interface ContextRemoval {
  action: 'clear_fields' | 'set' | 'delete'
  /** Some value is not kept in full, so what a deleted record held could not be said afterwards. */
  loses_values: boolean
}

export interface ContextRemovalOfField {
  action: 'clear' | 'set'
  constant: string | null
}

/** Null: what has left the model is left alone. */
export function contextRemoval({ onRemoved }: Sync, fields: readonly ContextField[]): ContextRemoval | null {
  if (onRemoved.action === 'nothing') return null
  return { action: onRemoved.action, loses_values: fields.some(({ keep }) => keep !== 'full') }
}

/**
 * A field is cleared when it may be: not what records are matched on, nothing that was written on create only, nothing that the CRM
 * refuses to blank, and nothing whose live value cannot be compared with what was written.
 */
export function removalOf(
  sync: Sync,
  field: FieldMapping,
  description: FieldDescription | undefined,
): ContextRemovalOfField | null {
  const { onRemoved, match } = sync
  if (onRemoved.action === 'set') {
    const given = onRemoved.fields.find(({ to }) => to.toLowerCase() === field.to.toLowerCase())
    return given === undefined ? null : { action: 'set', constant: given.value ?? null }
  }
  if (onRemoved.action !== 'clear_fields' || field.to === match.field || field.write === 'on_create') return null
  if (description?.clearable === false || description?.opaque || description?.updateable === false) return null
  return { action: 'clear', constant: null }
}

/** No part of what decides the values of a row, so that another on_removed evaluates no row again; constants are. */
export function withoutRemovals(key: string, value: unknown): unknown {
  if (key === 'mapped') return undefined
  if (key !== 'removal') return value
  return typeof value === 'object' && value !== null && 'constant' in value && value.constant !== null
    ? value
    : undefined
}
