/**
 * What can be known to be wrong before a row is looked at: the mapping against the model's real columns and the CRM's own
 * description. Pure; reports everything at once. What depends on single rows is checked in SQL (models/sync/violations.sql).
 */
import type { FieldDescription } from '../destination/destination.ts'
import type { Problem } from '../errors.ts'
import type { FieldMapping, Sync } from '../project/project.ts'
import type { Column } from '../warehouse/warehouse.ts'
import type { CrmSchema } from './describe-crm.ts'
import { keyProblems } from './key-problems.ts'
import { linkProblems } from './links/link-problems.ts'
import { lacks, missingColumn, unknownField } from './missing-names.ts'
import { referenceProblems } from './reference-problems.ts'
import { removalProblems } from './removals/removal-problems.ts'
import { stageProblems } from './stage-problems.ts'
import { descriptionResolver, findColumn } from './sync-context.ts'
import { typeProblems } from './type-problems.ts'
import { valueDescription } from './value-description.ts'

export interface PreflightRequest
  extends Pick<CrmSchema, 'description' | 'permissions'>,
    Partial<Pick<CrmSchema, 'related'>> {
  sync: Sync
  /** The model as people call it, for messages. */
  model: string
  /** Absent while the model is not built: then only what the CRM says is checked. */
  columns?: readonly Column[]
}

export function preflight(request: PreflightRequest): Problem[] {
  return [
    ...permissionProblems(request),
    ...columnProblems(request),
    ...keyProblems(request),
    ...linkProblems(request),
    ...request.sync.fields.flatMap((field) => fieldProblems(request, field)),
    ...requiredProblems(request),
    ...removalProblems(request),
  ]
}

/** The object as a whole: what the mode needs to do with it. */
function permissionProblems({ sync, permissions: may }: PreflightRequest): Problem[] {
  if (may === undefined) return []
  const { object, connection, mode } = sync
  const needs = [
    { what: 'read', granted: may.read },
    ...(mode === 'update' ? [] : [{ what: 'create', granted: may.create }]),
    ...(mode === 'create' ? [] : [{ what: 'update', granted: may.update }]),
  ]
  return needs
    .filter(({ granted }) => !granted)
    .map(({ what }) => ({
      code: 'E-MAP-PERMISSION' as const,
      message: `the user of connection ${connection} may not ${what} ${object} records`,
      at: sync.objectAt ?? sync.at,
      help: `grant the object permission by a permission set${what === 'read' ? '' : ', or choose a mode that does not need it'}`,
    }))
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

function fieldProblems(request: PreflightRequest, field: FieldMapping): Problem[] {
  const { object } = request.sync
  const description = descriptionResolver(request.description)(field.to)
  if (!description) return [unknownField(field.to, field.at, { object, fields: request.description })]
  const value = valueDescription(field, description, request.related)
  return [
    ...writableProblems(request.sync, field, description),
    ...referenceProblems(request, field, description),
    ...(value === undefined ? [] : typeProblems(request, field, value)),
    ...flagProblems(request, field),
    ...clearProblems(request.sync, field, description),
    ...stageProblems(request.sync, field, description),
  ]
}

function writableProblems(sync: Sync, field: FieldMapping, description: FieldDescription): Problem[] {
  const creates = sync.mode !== 'update'
  if ((!creates || description.createable) && (!updatesToo(sync, field) || description.updateable)) return []
  if (description.lacksPermission) return [notGranted(sync, field)]
  const { which, help } = readOnlyWords(description)
  return [{ code: 'E-MAP-READONLY', message: `${sync.object}.${field.to} ${which}`, at: field.at, help }]
}

function updatesToo({ mode }: Sync, { write }: FieldMapping): boolean {
  return mode !== 'create' && write !== 'on_create'
}

const derivedWords = {
  formula: 'is computed by the CRM',
  auto_number: 'is numbered by the CRM',
  compound: 'is made of other fields',
  archived: 'is archived in the CRM',
} as const

function readOnlyWords({ derived, components, createable, updateable }: FieldDescription): {
  which: string
  help: string
} {
  const remove = 'remove the mapping, or make the field writable for this connection'
  if (derived !== undefined) {
    const remedy = derived === 'archived' ? 'restore it in the CRM, or remove the mapping' : 'remove the mapping'
    const help = components === undefined ? remedy : `map ${components.join(', ')} instead`
    return { which: derivedWords[derived], help }
  }
  if (createable && !updateable) return { which: 'can only be written on create', help: 'write: on_create' }
  if (updateable) return { which: 'cannot be written on create', help: `${remove}; mode: update can write it` }
  return { which: 'is read-only', help: remove }
}

/** A clear of a field that the CRM never leaves empty would be refused row by row. */
function clearProblems(sync: Sync, field: FieldMapping, description: FieldDescription): Problem[] {
  if (description.clearable !== false || !updatesToo(sync, field)) return []
  const clears = field.onNull === 'clear' || field.clearWhen !== undefined || field.sentinel !== undefined
  if (!clears) return []
  const isBoolean = description.kind === 'boolean'
  return [
    {
      code: 'E-NULL-REQUIRED',
      message: `${sync.object}.${field.to} is never empty in the CRM, so it cannot be cleared`,
      at: field.clearWhenAt ?? field.sentinelAt ?? field.at,
      help: isBoolean
        ? 'a checkbox is true or false: write coalesce(column, false) in the model, or on_null: ignore'
        : 'use on_null: ignore, which keeps the value of the CRM, or on_null: reject',
    },
  ]
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
  const oneOf = request.description.filter((field) => field.requiredOneOf).map((field) => field.name)
  const lacking = oneOf.length > 0 && !oneOf.some((name) => written.has(name)) ? [oneOfProblem(sync, oneOf)] : []
  const missing = request.description
    .filter((field) => field.requiredOnCreate && !written.has(field.name))
    .map(
      (field): Problem => ({
        code: 'E-MAP-REQUIRED',
        message: `${sync.object}.${field.name} is required to create a record and is not mapped`,
        at: sync.objectAt ?? sync.at,
        help: `map ${field.name} (write: on_create keeps later edits), or use mode: update`,
      }),
    )
  return [...missing, ...lacking]
}

function oneOfProblem(sync: Sync, names: readonly string[]): Problem {
  return {
    code: 'E-MAP-REQUIRED',
    message: `${sync.object}: one of ${names.join(', ')} is required to create a record and none is mapped`,
    at: sync.objectAt ?? sync.at,
    help: 'map one of them (write: on_create keeps later edits), or use mode: update',
  }
}
