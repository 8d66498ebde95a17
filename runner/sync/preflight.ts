/**
 * What can be known to be wrong before a row is looked at: the mapping against the model's real columns and the CRM's own
 * description. Pure; reports everything at once. What depends on single rows is checked in SQL (models/sync/violations.sql).
 */
import type { FieldDescription } from '../destination/destination.ts'
import type { Position, Problem } from '../errors.ts'
import type { FieldMapping, Sync } from '../project/project.ts'
import type { Column, FieldType } from '../warehouse/warehouse.ts'
import { suggestedName } from './suggested-name.ts'
import { descriptionResolver, findColumn } from './sync-context.ts'
import { typeProblems } from './type-problems.ts'

export interface PreflightRequest {
  sync: Sync
  /** The model as people call it, for messages. */
  model: string
  /** Absent while the model is not built: then only what the CRM says is checked. */
  columns?: readonly Column[]
  description: readonly FieldDescription[]
}

export function preflight(request: PreflightRequest): Problem[] {
  return [
    ...columnProblems(request),
    ...keyProblems(request),
    ...request.sync.fields.flatMap((field) => fieldProblems(request, field)),
    ...requiredProblems(request),
  ]
}

function columnProblems(request: PreflightRequest): Problem[] {
  const { sync } = request
  const mapped = sync.fields.flatMap((field) => [
    ...(field.from === undefined ? [] : [{ name: field.from, at: field.fromAt ?? field.at }]),
    ...(field.clearWhen === undefined ? [] : [{ name: field.clearWhen, at: field.clearWhenAt ?? field.at }]),
  ])
  const rules = sync.validate.flatMap((rule) =>
    rule.column === undefined ? [] : [{ name: rule.column, at: rule.columnAt ?? rule.at }],
  )
  const used = [{ name: sync.match.from, at: sync.match.fromAt ?? sync.match.at }, ...mapped, ...rules]
  return used.filter(({ name }) => lacks(request, name)).map((column) => missingColumn('E-MAP-COLUMN', column, request))
}

function lacks({ columns }: PreflightRequest, name: string): boolean {
  return columns !== undefined && !findColumn(columns, name)
}

function missingColumn(
  code: 'E-MAP-COLUMN' | 'E-KEY-MISSING',
  { name, at }: { name: string; at: Position },
  { model, columns = [] }: PreflightRequest,
): Problem {
  const names = columns.map((column) => column.name)
  return {
    code,
    message: `model ${model} has no column "${name}"`,
    at,
    ...suggestedName(name, names),
    help: 'select the column in the model, or correct its name here',
  }
}

function keyProblems(request: PreflightRequest): Problem[] {
  const { sync } = request
  const at = sync.primaryKeyAt ?? sync.at
  const { from, fromAt = sync.match.at } = sync.match
  const missing = sync.primaryKey.filter((name) => lacks(request, name))
  return [
    ...missing.map((name) => missingColumn('E-KEY-MISSING', { name, at }, request)),
    ...sync.primaryKey.flatMap((name) => keyType(request, { name, at, what: 'primary key' })),
    ...(sync.primaryKey.includes(from) ? [] : keyType(request, { name: from, at: fromAt, what: 'match' })),
    ...matchProblems(request),
  ]
}

function keyType({ columns = [] }: PreflightRequest, key: { name: string; at: Position; what: string }): Problem[] {
  const column = findColumn(columns, key.name)
  if (!column || !unstableKey(column.type)) return []
  return [
    {
      code: 'E-KEY-TYPE',
      message: `${key.what} column "${key.name}" has type ${column.declared}, which is not stable as text`,
      at: key.at,
      help: `use a text or integer column, or cast it in the model to a form that never changes: ${stableCast(column)}`,
    },
  ]
}

function stableCast({ name, type }: Column): string {
  return type.kind === 'timestamp' ? `cast(${name} as date)` : `cast(${name} as decimal(18, 0))`
}

function unstableKey(type: FieldType): boolean {
  return type.kind === 'float' || type.kind === 'timestamp' || type.kind === 'other'
}

function matchProblems(request: PreflightRequest): Problem[] {
  const { match, mode } = request.sync
  const field = descriptionResolver(request.description)(match.field)
  if (!field) return [unknownField(match.field, match.at, request)]
  if (match.strategy === 'lookup') {
    if (mode === 'update') return []
    const help = 'use mode: update, or match on a field that the CRM keeps unique'
    return [
      {
        code: 'E-MAP-NOKEY',
        message: `creates need a unique key: ${match.field} is looked up, and two records could answer`,
        at: match.at,
        help,
      },
    ]
  }
  if (!field.matchable) {
    return [
      {
        code: 'E-MAP-NOKEY',
        message: `${request.sync.object}.${match.field} cannot be used as a key`,
        at: match.at,
        help:
          match.strategy === 'external_id'
            ? 'mark the field as External ID in Salesforce, or use strategy: lookup with mode: update'
            : 'use a property that HubSpot keeps unique, or strategy: lookup with mode: update',
      },
    ]
  }
  if (mode !== 'update' && !field.unique) {
    return [
      {
        code: 'E-MAP-NOKEY',
        message: `${request.sync.object}.${match.field} is not marked Unique, so a retry could create a second record`,
        at: match.at,
        help: 'set Unique on the field in the CRM, or use mode: update',
      },
    ]
  }
  return []
}

function unknownField(name: string, at: Position, request: PreflightRequest): Problem {
  const { description } = request
  const byLabel = description.find((field) => field.label === name && field.name !== name)
  if (byLabel) {
    return {
      code: 'E-MAP-LABEL',
      message: `"${name}" is a label; the API name is ${byLabel.name}`,
      at,
      help: `write ${byLabel.name}`,
    }
  }
  return {
    code: 'E-MAP-UNKNOWN-FIELD',
    message: `${request.sync.object} has no field "${name}", or this connection may not see it`,
    at,
    ...suggestedName(
      name,
      description.map((field) => field.name),
    ),
    help: 'correct the field name, create the field, or give the connection access to it',
  }
}

function fieldProblems(request: PreflightRequest, field: FieldMapping): Problem[] {
  const description = descriptionResolver(request.description)(field.to)
  if (!description) return [unknownField(field.to, field.at, request)]
  return [
    ...writableProblems(request.sync, field, description),
    ...typeProblems(request, field, description),
    ...flagProblems(request, field),
  ]
}

function writableProblems(sync: Sync, field: FieldMapping, description: FieldDescription): Problem[] {
  const creates = sync.mode !== 'update'
  const updates = sync.mode !== 'create' && field.write !== 'on_create'
  if ((!creates || description.createable) && (!updates || description.updateable)) return []
  if (description.lacksPermission) return [notGranted(sync, field)]
  const which =
    !description.createable && !description.updateable
      ? 'is read-only'
      : description.createable
        ? 'can only be written on create'
        : 'cannot be written on create'
  const help =
    description.createable && !description.updateable
      ? 'write: on_create'
      : 'remove the mapping, or make the field writable for this connection'
  return [{ code: 'E-MAP-READONLY', message: `${sync.object}.${field.to} ${which}`, at: field.at, help }]
}

function notGranted(sync: Sync, field: FieldMapping): Problem {
  return {
    code: 'E-MAP-PERMISSION',
    message: `the user of connection ${sync.connection} may not edit ${sync.object}.${field.to}`,
    at: field.at,
    help: 'grant edit access to the field (field-level security, by a permission set), or remove the mapping',
  }
}

function flagProblems(request: PreflightRequest, field: FieldMapping): Problem[] {
  if (field.clearWhen === undefined) return []
  const column = findColumn(request.columns ?? [], field.clearWhen)
  if (!column || column.type.kind === 'bool') return []
  return [
    {
      code: 'E-NULL-FLAG',
      message: `clear_when column "${field.clearWhen}" is ${column.declared}, not boolean`,
      at: field.clearWhenAt ?? field.at,
      help: 'compare it in the model, so that the column is true or false; for a special text use sentinel:',
    },
  ]
}

function requiredProblems(request: PreflightRequest): Problem[] {
  const { sync } = request
  if (sync.mode === 'update') return []
  const written = new Set([sync.match.field, ...sync.fields.map((field) => field.to)])
  return request.description
    .filter((field) => field.requiredOnCreate && !written.has(field.name))
    .map(
      (field): Problem => ({
        code: 'E-MAP-REQUIRED',
        message: `${sync.object}.${field.name} is required to create a record and is not mapped`,
        at: sync.objectAt ?? sync.at,
        help: `map ${field.name} (write: on_create keeps later edits), or use mode: update`,
      }),
    )
}
