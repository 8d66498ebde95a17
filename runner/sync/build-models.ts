/** Builds the project's own models in the warehouse, in graph order; each is all or nothing. */
import type { CompiledModel, TemplateEnvironment } from '../compile/compile.ts'
import { splitStatements } from '../compile/split-statements.ts'
import { BackfeedError, type Position } from '../errors.ts'
import type { Clock } from '../ports.ts'
import type { StatementOptions, Warehouse } from '../warehouse/warehouse.ts'
import { WarehouseError } from '../warehouse/warehouse-error.ts'
import { replaceRelation } from './replace-relation.ts'
import type { SyncEvent } from './session.ts'

export interface BuildModelsRequest {
  warehouse: Warehouse
  environment: TemplateEnvironment
  /** In graph order, as compileModels() gives them. */
  models: readonly CompiledModel[]
  options: (step: string) => StatementOptions
  onEvent: (event: SyncEvent) => void
  clock: Pick<Clock, 'monotonicMs'>
}

export interface ModelResult {
  name: string
  status: 'ok' | 'error' | 'skipped'
  message: string
  seconds: number
  /** Of status error: E-SQL-WAREHOUSE with the file and, where the warehouse tells, the line in it. */
  error?: BackfeedError
}

/**
 * Never throws for a model: one that fails is a result, models that read it are skipped, the others go on.
 * A warehouse that cannot be reached or is locked skips all the rest. Whoever sends anything must look at the results.
 */
export async function buildModels(request: BuildModelsRequest): Promise<ModelResult[]> {
  const results = new Map<string, ModelResult>()
  let stopped: string | undefined
  for (const [index, model] of request.models.entries()) {
    const place = { resource: 'model' as const, name: model.name, index: index + 1, of: request.models.length }
    request.onEvent({ kind: 'start', ...place })
    const reason = stopped ?? skipReason(model, results)
    const result = reason === undefined ? await buildModel(request, model) : skipped(model, reason)
    results.set(model.name, result)
    if (concernsAll(result.error)) stopped = `the warehouse could not be used for ${model.name}`
    request.onEvent({ kind: 'end', ...place, ...eventOf(result) })
  }
  return [...results.values()]
}

/** The statements that make one model, as `compile` shows them and build runs them. */
export function modelStatements(environment: TemplateEnvironment, model: CompiledModel, relation: string): string[] {
  const macro = model.materialized === 'view' ? 'sql.create_view_as' : 'sql.create_table_as'
  return splitStatements(environment.call(macro, [relation, model.sql]))
}

async function buildModel(request: BuildModelsRequest, model: CompiledModel): Promise<ModelResult> {
  const startedMs = request.clock.monotonicMs()
  const seconds = (): number => (request.clock.monotonicMs() - startedMs) / 1000
  const statements = (relation: string): string[] => modelStatements(request.environment, model, relation)
  try {
    await replaceRelation({ ...request, relation: model.relation, kind: model.materialized, steps: statements })
    return { name: model.name, status: 'ok', message: `built ${model.materialized}`, seconds: seconds() }
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error
    const told = inFile(request, model, error)
    return { name: model.name, status: 'error', message: told.message, seconds: seconds(), error: told }
  }
}

/** The same error with its place in the model's file. Failures of the connection have no place. */
function inFile(request: BuildModelsRequest, model: CompiledModel, error: WarehouseError): BackfeedError {
  if (concernsAll(error)) return error
  const at = placeInModel(model, modelStatements(request.environment, model, ''), error)
  const seeds = model.dependsOn.filter((name) => request.models.every((other) => other.name !== name))
  const help =
    error.kind === 'missing' && seeds.length > 0
      ? `if seeds are not loaded yet: backfeed seed -s ${seeds.join(',')}`
      : `the SQL that was sent: backfeed compile -s ${model.name}`
  const problems = error.problems.map((problem) => ({ help, ...problem, at }))
  return new BackfeedError(problems, { exitCode: error.exitCode, cause: error })
}

/** The warehouse counts lines of the statement; the model's SELECT begins somewhere inside it. */
function placeInModel(model: CompiledModel, statements: readonly string[], error: WarehouseError): Position {
  const start = { file: model.file, line: 1, column: 1 }
  const statement = statements.find((each) => each.includes(model.sql))
  if (error.line === undefined || statement === undefined) return start
  const row = error.line - statement.slice(0, statement.indexOf(model.sql)).split('\n').length
  const line = model.sourceLines[row]
  if (line === undefined) return start
  // The first line of a statement carries its tag, and a line that a template wrote has other columns.
  const isWritten = error.line > 1 && model.sql.split('\n')[row] === model.text.split(/\r?\n/)[line - 1]
  return { file: model.file, line, column: isWritten ? (error.column ?? 1) : 1 }
}

function concernsAll(error: BackfeedError | undefined): boolean {
  return error instanceof WarehouseError && ['transient', 'locked', 'unknown'].includes(error.kind)
}

function skipReason(model: CompiledModel, results: ReadonlyMap<string, ModelResult>): string | undefined {
  const broken = model.dependsOn.find((name) => (results.get(name)?.status ?? 'ok') !== 'ok')
  return broken === undefined ? undefined : `it reads ${broken}, which was not built`
}

function skipped(model: CompiledModel, reason: string): ModelResult {
  return { name: model.name, status: 'skipped', message: reason, seconds: 0 }
}

function eventOf({ status, message, seconds }: ModelResult): Pick<ModelResult, 'status' | 'message' | 'seconds'> {
  return { status, message, seconds }
}
