/** How rows meet records, as the templates of a sync see it. Pure. */
import type { FieldDescription, WireKind } from '../destination/destination.ts'
import type { Sync } from '../project/project.ts'
import { type Kept, keepOf } from './audit-keep.ts'
import type { ContextField } from './context-fields.ts'
import type { ContextRule } from './context-rules.ts'
import { type FieldLimit, matchLimits } from './field-limits.ts'
import type { ContextColumn, ContextRequest } from './sync-context.ts'

export interface ContextMatch {
  field: string
  column: ContextColumn
  kind: WireKind
  fold: boolean
  is_key: boolean
  /** A record may answer to other values than the one it shows, and takes in the ids of others. */
  has_aliases: boolean
  /** Of the match value; empty where a field of the mapping has the same ones. */
  limits: FieldLimit[]
  keep: Kept
}

interface Matched {
  column: ContextColumn
  /** The CRM field; absent while the CRM is not asked. */
  field: FieldDescription | undefined
  fold: boolean
  isKey: boolean
  fields: readonly ContextField[]
  rules: readonly ContextRule[]
}

export function contextMatch({ sync, destination, properties }: ContextRequest, matched: Matched): ContextMatch {
  const { column, field, fold, isKey } = matched
  return {
    field: sync.match.field,
    column,
    kind: field?.kind ?? 'string',
    fold,
    is_key: isKey,
    has_aliases: destination === 'hubspot',
    limits: limitsOfMatch(sync, matched),
    keep: keepOf(sync, sync.match.from, properties.get(sync.match.from)),
  }
}

/** What a field of the mapping, or a rule of the project, says already is said once. */
function limitsOfMatch({ match }: Sync, { field, fields, rules }: Matched): FieldLimit[] {
  if (fields.some(({ in_body }) => !in_body)) return []
  const isRuled = rules.some(({ rule, label }) => rule === 'email' && label === match.from)
  return matchLimits(field).filter(({ name }) => name !== 'invalid_email' || !isRuled)
}
