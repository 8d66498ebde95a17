/** Primary key and match field: stable as text in the warehouse, and fit to find records by in the CRM. Pure. */
import type { FieldDescription } from '../destination/destination.ts'
import type { Position, Problem } from '../errors.ts'
import type { Column, FieldType } from '../warehouse/warehouse.ts'
import { lacks, missingColumn, unknownField } from './missing-names.ts'
import type { PreflightRequest } from './preflight.ts'
import { descriptionResolver, findColumn } from './sync-context.ts'

export function keyProblems(request: PreflightRequest): Problem[] {
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
  const { match, object } = request.sync
  const field = descriptionResolver(request.description)(match.field)
  if (!field) return [unknownField(match.field, match.at, { object, fields: request.description })]
  const problem = match.strategy === 'lookup' ? lookupProblem(request, field) : keyProblem(request, field)
  return problem === undefined ? [] : [{ code: 'E-MAP-NOKEY', at: match.at, ...problem }]
}

type KeyProblem = Pick<Problem, 'message' | 'help'>

function lookupProblem({ sync }: PreflightRequest, field: FieldDescription): KeyProblem | undefined {
  if (sync.mode !== 'update') {
    return {
      message: `creates need a unique key: ${field.name} is looked up, and two records could answer`,
      help: 'use mode: update, or match on a field that the CRM keeps unique',
    }
  }
  if (field.filterable !== false) return undefined
  return {
    message: `${sync.object}.${field.name} is ${field.vendorType} and cannot be searched`,
    help: 'match on a field that queries can filter by',
  }
}

function keyProblem(request: PreflightRequest, field: FieldDescription): KeyProblem | undefined {
  const { object, mode, match } = request.sync
  if (!field.matchable) {
    return {
      message: `${object}.${field.name} cannot be used as a key`,
      help:
        match.strategy === 'external_id'
          ? 'mark the field as External ID in Salesforce, or use strategy: lookup with mode: update'
          : uniquePropertyHelp(request),
    }
  }
  if (mode === 'update') return undefined
  if (!field.unique) {
    return {
      message: `${object}.${field.name} is not marked Unique, so a retry could create a second record`,
      help: 'set Unique on the field in the CRM (without it an upsert needs View All Data, too), or use mode: update',
    }
  }
  if (field.createable) return undefined
  return {
    message: `${object}.${field.name} cannot be written when a record is created, so no later run would find the record`,
    help: field.lacksPermission
      ? 'grant edit access to the field (field-level security, by a permission set), or use mode: update'
      : 'match on a field that the CRM lets you fill, or use mode: update',
  }
}

/** HubSpot finds records by a property with unique values only, and a property is unique from its creation or never. */
function uniquePropertyHelp({ sync, description }: PreflightRequest): string {
  const unique = description.filter(({ matchable, createable }) => matchable && createable).map(({ name }) => name)
  const { field } = sync.match
  if (field === 'hs_object_id') return `the record id is no key for HubSpot; ${otherKey(unique)}`
  if (field === 'domain') {
    return `several companies may share a domain; ${otherKey(unique)} and fill it once with: backfeed link companies --by domain`
  }
  return `HubSpot does not keep it unique; ${otherKey(unique)}, or strategy: lookup with mode: update`
}

function otherKey(unique: readonly string[]): string {
  if (unique.length > 0) return `match on ${unique.slice(0, 5).join(' or ')}`
  return 'create a property with unique values (it can only be made unique when it is created), match on it'
}
