import type { TemplateEnvironment } from '../compile/compile.ts'
import { splitStatements } from '../compile/split-statements.ts'
import type { AtomicStep, StatementOptions, TableRef, Warehouse } from '../warehouse/warehouse.ts'
import { WarehouseError } from '../warehouse/warehouse-error.ts'

export interface ReplaceRequest {
  warehouse: Warehouse
  environment: TemplateEnvironment
  options: (step: string) => StatementOptions
  relation: TableRef
  kind: 'table' | 'view'
  /** What makes the relation, given its quoted text. */
  steps: (relation: string) => readonly AtomicStep[]
}

/**
 * Creates or replaces one table or view in one unit. What may stand in the way, a missing schema or a relation of the
 * other kind under the same name, is looked up only after a first failure: it is rare, and asking costs a statement on
 * every build. Nothing is dropped unless the same unit also creates.
 */
export async function replaceRelation(request: ReplaceRequest): Promise<void> {
  const { warehouse, options, relation } = request
  const steps = request.steps(relationText(request.environment, relation))
  try {
    await warehouse.atomic(steps, options(relation.name))
  } catch (error) {
    const cure = await findCure(request, error)
    if (cure.length === 0) throw error
    await warehouse.atomic([...cure, ...steps], options(relation.name))
  }
}

/** `"schema"."name"`, quoted as the dialect quotes. */
export function relationText(environment: TemplateEnvironment, { schema, name }: TableRef): string {
  if (!environment.has('sql.identifier')) return `${schema}.${name}`
  return [schema, name].map((part) => environment.call('sql.identifier', [part])).join('.')
}

async function findCure(request: ReplaceRequest, error: unknown): Promise<string[]> {
  const { warehouse, environment, options, relation, kind } = request
  const curable = error instanceof WarehouseError && ['missing', 'syntax', 'conflict'].includes(error.kind)
  if (!curable) return []
  const asked = environment.call('sql.relation_kind', [relation.schema, relation.name])
  const found = (await warehouse.rows(asked, { ...options(relation.name), max: 1 }))[0]?.[0]
  if (found === 'table' || found === 'view') {
    const drop = environment.call('sql.drop_relation', [relationText(environment, relation), found])
    return found === kind ? [] : splitStatements(drop)
  }
  return error.kind === 'missing' ? [environment.call('sql.create_schema', [relation.schema])] : []
}
