/**
 * What can be known to be wrong before a row is looked at: the mapping against the model's real columns and the CRM's own
 * description. Pure; reports everything at once. What depends on single rows is checked in SQL (models/sync/violations.sql).
 */
import type { FieldDescription, WireKind } from '../destination/destination.ts'
import type { Position, Problem } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import type { FieldMapping, Sync } from '../project/project.ts'
import type { Column, FieldType } from '../warehouse/warehouse.ts'
import { descriptionResolver, findColumn } from './sync-context.ts'

export interface PreflightRequest {
  sync: Sync
  /** The model as people call it, for messages. */
  model: string
  columns: readonly Column[]
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
    ...(field.from === undefined ? [] : [{ name: field.from, at: field.at }]),
    ...(field.clearWhen === undefined ? [] : [{ name: field.clearWhen, at: field.at }]),
  ])
  const rules = sync.validate.flatMap((rule) => (rule.column === undefined ? [] : [{ name: rule.column, at: rule.at }]))
  const missing = [{ name: sync.match.from, at: sync.match.at }, ...mapped, ...rules].filter(
    ({ name }) => !findColumn(request.columns, name),
  )
  return missing.map((column) => missingColumn(request, 'E-MAP-COLUMN', column))
}

function missingColumn(
  request: PreflightRequest,
  code: 'E-MAP-COLUMN' | 'E-KEY-MISSING',
  { name, at }: { name: string; at: Position },
): Problem {
  const suggestion = nearestName(
    name,
    request.columns.map((column) => column.name),
  )
  return {
    code,
    message: `model ${request.model} has no column "${name}"`,
    at,
    ...(suggestion ? { hint: `did you mean "${suggestion}"?` } : {}),
    help: 'select the column in the model, or correct its name here',
  }
}

function keyProblems(request: PreflightRequest): Problem[] {
  const { sync } = request
  const keys = sync.primaryKey.flatMap((name): Problem[] => {
    const column = findColumn(request.columns, name)
    if (!column) return [missingColumn(request, 'E-KEY-MISSING', { name, at: sync.at })]
    if (!unstableKey(column.type)) return []
    return [
      {
        code: 'E-KEY-TYPE',
        message: `primary key column "${name}" has type ${column.declared}, which is not stable as text`,
        at: sync.at,
        help: `cast it in the model: cast(${name} as varchar)`,
      },
    ]
  })
  return [...keys, ...matchProblems(request)]
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
  const suggestion = nearestName(
    name,
    description.map((field) => field.name),
  )
  return {
    code: 'E-MAP-UNKNOWN-FIELD',
    message: `${request.sync.object} has no field "${name}", or this connection may not see it`,
    at,
    ...(suggestion ? { hint: `did you mean "${suggestion}"?` } : {}),
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

const accepted: Record<WireKind, readonly FieldType['kind'][]> = {
  string: ['text', 'integer', 'decimal', 'bool', 'date', 'timestamp'],
  reference: ['text', 'integer'],
  enumeration: ['text', 'integer', 'bool'],
  multi_enumeration: ['text'],
  number: ['integer', 'decimal'],
  boolean: ['bool'],
  date: ['date'],
  datetime: ['timestamp', 'date'],
}

const castTo: Partial<Record<WireKind, string>> = {
  number: 'decimal(18, 2)',
  boolean: 'boolean',
  date: 'date',
  datetime: 'timestamp',
  string: 'varchar',
}

function typeProblems(request: PreflightRequest, field: FieldMapping, description: FieldDescription): Problem[] {
  if (field.from === undefined) return constantProblems(field, description)
  const column = findColumn(request.columns, field.from)
  if (!column) return []
  if (column.type.kind === 'float') {
    return [
      {
        code: 'E-MAP-FLOAT',
        message: `column "${field.from}" is ${column.declared}: a float has no exact text`,
        at: field.at,
        help: `cast it in the model: cast(${field.from} as decimal(18, 2))`,
      },
    ]
  }
  if (accepted[description.kind].includes(column.type.kind)) return []
  const help = `cast it in the model: cast(${field.from} as ${castTo[description.kind] ?? 'varchar'})`
  return [
    {
      code: 'E-MAP-TYPE',
      message: `column "${field.from}" is ${column.declared}, but ${request.sync.object}.${field.to} is ${description.vendorType}`,
      at: field.at,
      help,
    },
  ]
}

function constantProblems(field: FieldMapping, description: FieldDescription): Problem[] {
  const value = field.value ?? ''
  if (description.allowedValues && !description.allowedValues.includes(value)) {
    return [
      {
        code: 'E-DATA-PICKLIST',
        message: `the constant of ${field.to} is not in the CRM's list of values`,
        at: field.at,
        help: `one of: ${description.allowedValues.slice(0, 10).join(', ')}`,
      },
    ]
  }
  const kindFits = {
    number: /^-?[0-9]+([.][0-9]+)?$/,
    boolean: /^(true|false)$/,
    date: /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
  } as Partial<Record<WireKind, RegExp>>
  const pattern = kindFits[description.kind]
  if (!pattern || pattern.test(value)) return []
  return [
    {
      code: 'E-MAP-TYPE',
      message: `the constant of ${field.to} is not a ${description.kind}`,
      at: field.at,
      help: `${field.to} is ${description.vendorType}`,
    },
  ]
}

function flagProblems(request: PreflightRequest, field: FieldMapping): Problem[] {
  if (field.clearWhen === undefined) return []
  const column = findColumn(request.columns, field.clearWhen)
  if (!column || column.type.kind === 'bool') return []
  return [
    {
      code: 'E-NULL-FLAG',
      message: `clear_when column "${field.clearWhen}" is ${column.declared}, not boolean`,
      at: field.at,
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
        at: sync.at,
        help: `map ${field.name} (write: on_create keeps later edits), or use mode: update`,
      }),
    )
}
