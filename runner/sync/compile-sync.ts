/**
 * The SQL of a sync without any connection: columns as the property file declares them, fields as the columns suggest.
 * What a plan renders differs from it only where the CRM's description adds checks.
 */

import { ledgerRelations } from '../audit/ledger.ts'
import type { TemplateEnvironment } from '../compile/compile.ts'
import type { FieldDescription, WireKind } from '../destination/destination.ts'
import { destinationTraits } from '../destination/registry.ts'
import { invariant } from '../errors.ts'
import type { ColumnProperties, FieldMapping, Project, Sync, Target } from '../project/project.ts'
import { fieldType } from '../warehouse/field-type.ts'
import type { Column, FieldType } from '../warehouse/warehouse.ts'
import {
  adoptModels,
  appliedModels,
  bulkModels,
  decisionModels,
  driftModels,
  ledgerModels,
  lookupModels,
  type PackageContext,
  planModels,
  renderPackageModel,
  resolveModels,
  settleModels,
} from './materialize.ts'
import type { SyncModel } from './session.ts'
import { timestampOf } from './settle-run.ts'
import { buildSyncContext } from './sync-context.ts'

export interface CompiledSync {
  /** Relative to target/compiled. */
  path: string
  sql: string
}

export interface CompileSyncRequest {
  project: Project
  target: Target
  environment: TemplateEnvironment
  model: SyncModel
}

export function compileSync(request: CompileSyncRequest, sync: Sync): CompiledSync[] {
  const context = offlineContext(request, sync)
  return [
    ...planModels,
    ...lookupModels.filter((model) => (model === 'lookups' ? context.sync.twins : context.sync.association)),
    ...decisionModels,
    ...appliedModels,
    ...(context.sync.bulk ? bulkModels : []),
    ...adoptModels,
    ...driftModels,
    ...ledgerModels,
    ...resolveModels,
    ...settleModels,
  ].map((model) => {
    const rendered = renderPackageModel(request.environment, model, context)
    return { path: `syncs/${sync.name}/${model}.sql`, sql: `${rendered.sql.trim()}\n` }
  })
}

function offlineContext({ project, target, environment, model }: CompileSyncRequest, sync: Sync): PackageContext {
  const connection = project.connections.get(sync.connection)
  invariant(connection, 'the connection was checked while loading')
  const columns = declaredColumns(sync, model.properties)
  return {
    sync: buildSyncContext({
      sync,
      schema: target.schema,
      relation: `${model.relation.schema}.${model.relation.name}`,
      columns,
      properties: model.properties,
      description: suggestedFields(sync, columns),
      related: suggestedKeys(sync, columns),
      destination: connection.type,
      traits: destinationTraits(connection.type),
      quote: (name) => environment.call('sql.identifier', [name]),
    }),
    run: {
      id: 'run_00',
      plan_id: 'plan_00',
      org_id: 'org_00',
      epoch: 0,
      trace: '0000000000',
      now: timestampOf({ environment }, '2000-01-01T00:00:00.000Z'),
      audit_salt: 'salt',
      whole: false,
      repairs: false,
      keys: [],
      resolution_seq: 0,
      source_plan_id: 'plan_00',
      ledger: ledgerRelations(target.schema),
    },
    target: { name: target.name, type: target.type, schema: target.schema, audit_schema: project.audit.schema },
  }
}

function declaredColumns(sync: Sync, properties: ReadonlyMap<string, ColumnProperties>): Column[] {
  const names = new Set([
    ...sync.primaryKey,
    sync.match.from,
    ...(typeof sync.match.linkBy === 'object' ? [sync.match.linkBy.from] : []),
    ...sync.fields.flatMap((field) => [field.from, field.clearWhen]),
    ...sync.validate.map((rule) => rule.column),
  ])
  return [...names].flatMap((name): Column[] => {
    if (name === undefined) return []
    const isFlag = sync.fields.some((field) => field.clearWhen === name)
    const declared = properties.get(name)?.dataType ?? (isFlag ? 'boolean' : 'varchar')
    return [{ name, declared, type: fieldType(declared) }]
  })
}

const kindOfType: Record<FieldType['kind'], WireKind> = {
  text: 'string',
  bool: 'boolean',
  integer: 'number',
  decimal: 'number',
  date: 'date',
  timestamp: 'datetime',
  float: 'number',
  other: 'string',
}

const suggested = {
  label: '',
  vendorType: '',
  createable: true,
  updateable: true,
  requiredOnCreate: false,
  unique: false,
  matchable: false,
  caseSensitive: true,
}

function suggestedFields(sync: Sync, columns: readonly Column[]): FieldDescription[] {
  const kindOf = kindsOf(columns)
  const fields = sync.fields.map((field): FieldDescription => {
    const named = { ...suggested, name: field.to }
    if (field.reference === undefined) return { ...named, kind: kindOf(field) }
    const relationship = relationshipOf(field.to)
    return {
      ...named,
      kind: 'reference',
      reference: { to: [field.reference.object], relationship, polymorphic: false },
    }
  })
  const match = { ...suggested, name: sync.match.field, kind: 'string' as const, unique: true, matchable: true }
  return fields.some((field) => field.name === match.name) ? fields : [...fields, match]
}

/** The keys that references hold, as their columns suggest them. */
function suggestedKeys(sync: Sync, columns: readonly Column[]): Map<string, FieldDescription[]> {
  const kindOf = kindsOf(columns)
  const related = new Map<string, FieldDescription[]>()
  for (const field of sync.fields) {
    if (field.reference === undefined) continue
    const { object, field: name } = field.reference
    related.set(object, [...(related.get(object) ?? []), { ...suggested, name, kind: kindOf(field) }])
  }
  return related
}

function kindsOf(columns: readonly Column[]): (field: FieldMapping) => WireKind {
  const kinds = new Map(columns.map((column) => [column.name, kindOfType[column.type.kind]]))
  return ({ from }) => (from === undefined ? undefined : kinds.get(from)) ?? 'string'
}

/** As Salesforce names relationships: `Parent` for ParentId, `Region__r` for Region__c. */
function relationshipOf(field: string): string {
  return /__c$/i.test(field) ? field.replace(/__c$/i, '__r') : field.replace(/Id$/, '')
}
