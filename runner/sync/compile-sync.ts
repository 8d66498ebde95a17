/**
 * The SQL of a sync without any connection: columns as the property file declares them, fields as the columns suggest.
 * What a plan renders differs from it only where the CRM's description adds checks.
 */

import { ledgerRelations } from '../audit/ledger.ts'
import type { TemplateEnvironment } from '../compile/compile.ts'
import type { FieldDescription, WireKind } from '../destination/destination.ts'
import { destinationTraits } from '../destination/registry.ts'
import { invariant } from '../errors.ts'
import type { ColumnProperties, Project, Sync, Target } from '../project/project.ts'
import { fieldType } from '../warehouse/field-type.ts'
import type { Column, FieldType } from '../warehouse/warehouse.ts'
import {
  bulkModels,
  decisionModels,
  ledgerModels,
  type PackageContext,
  planModels,
  renderPackageModel,
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
    ...decisionModels,
    ...(context.sync.bulk ? bulkModels : []),
    ...ledgerModels,
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
      ledger: ledgerRelations(target.schema),
    },
    target: { name: target.name, type: target.type, schema: target.schema, audit_schema: project.audit.schema },
  }
}

function declaredColumns(sync: Sync, properties: ReadonlyMap<string, ColumnProperties>): Column[] {
  const names = new Set([
    ...sync.primaryKey,
    sync.match.from,
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

function suggestedFields(sync: Sync, columns: readonly Column[]): FieldDescription[] {
  const kinds = new Map(columns.map((column) => [column.name, kindOfType[column.type.kind]]))
  const base = {
    label: '',
    vendorType: '',
    createable: true,
    updateable: true,
    requiredOnCreate: false,
    caseSensitive: true,
  }
  const fields = sync.fields.map((field) => ({
    ...base,
    name: field.to,
    kind: (field.from === undefined ? undefined : kinds.get(field.from)) ?? ('string' as const),
    unique: false,
    matchable: false,
  }))
  const match = { ...base, name: sync.match.field, kind: 'string' as const, unique: true, matchable: true }
  return fields.some((field) => field.name === match.name) ? fields : [...fields, match]
}
