/** Renders one of the package's models for a sync and builds it in the warehouse, as its config() says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { TemplateContext, TemplateEnvironment } from '../compile/compile.ts'
import { splitStatements } from '../compile/split-statements.ts'
import type { Problem } from '../errors.ts'
import { packageDir } from '../package-dir.ts'
import { WarehouseError } from '../warehouse/warehouse-error.ts'
import type { SyncContext } from './sync-context.ts'
import type { RunContext, SyncRun } from './sync-run.ts'

/** Models of one plan, in the order in which they are built. `reads` and after need the CRM in between. */
export const planModels = ['source', 'candidates', 'known', 'duplicates', 'staging', 'violations', 'reads'] as const
/** Built once the snapshot says which rows have no record; see links/find-twins.ts. */
export const lookupModels = ['lookups', 'wanted'] as const
/** Built only where on_removed says something; see removals/read-removals.ts. */
export const removalModels = ['removals'] as const
export const decisionModels = ['decisions', 'changes', 'quarantine'] as const
/** Built between `changes` and the ledger when there is enough to send. */
export const bulkModels = ['jobs'] as const
export const ledgerModels = ['plan_row', 'plan_field', 'quarantine_event'] as const
/** Each takes the place of `changes` where a run is for something of its own; see adopt-purpose.ts and drift-purpose.ts. */
export const adoptModels = ['adopted'] as const
export const driftModels = ['drifted'] as const
/** What became of writes without an answer; see resolve-unknown.ts. */
export const resolveModels = ['unresolved', 'reread', 'resolutions', 'resolved'] as const
export const settleModels = ['canary', 'stored', 'folded', 'rebuilt'] as const
/** Of a saved plan that is applied: built in the place of `decisions`, from those under another name. */
export const appliedModels = ['applied'] as const
/** Of a revert, in models/revert: what the run wrote, whose records are read again, and what is put back. */
export const revertModels = ['written', 'known_before', 'rereads', 'restored', 'restored_field'] as const
/** Of a rekey, in models/rekey: which key became which, and the rows of state that follow. */
export const rekeyModels = ['former_keys', 'rekeyed'] as const
export type PackageModel =
  | (typeof planModels)[number]
  | (typeof lookupModels)[number]
  | (typeof removalModels)[number]
  | (typeof decisionModels)[number]
  | (typeof bulkModels)[number]
  | (typeof adoptModels)[number]
  | (typeof driftModels)[number]
  | (typeof resolveModels)[number]
  | (typeof ledgerModels)[number]
  | (typeof settleModels)[number]
  | (typeof appliedModels)[number]
  | (typeof revertModels)[number]
  | (typeof rekeyModels)[number]

const inLedger: ReadonlySet<string> = new Set([...ledgerModels, 'stored', 'rebuilt'])

const configSchema = z.union([
  // `as`: stands in for another model of the plan, in its table.
  z.object({ materialized: z.enum(['table', 'view']), as: z.string().optional() }),
  z.object({ materialized: z.literal('replacement'), of: z.string() }),
  z.object({ materialized: z.literal('append'), into: z.string(), columns: z.array(z.string()) }),
])

export interface RenderedModel {
  file: string
  sql: string
  /** What is executed, in order, as one unit. */
  statements: string[]
}

export interface PackageContext {
  sync: SyncContext
  run: RunContext
  target: TemplateContext['target']
}

export function renderPackageModel(
  environment: TemplateEnvironment,
  model: PackageModel,
  context: PackageContext,
): RenderedModel {
  const file = `models/${folderOf(model)}/${model}.sql`
  const text = readFileSync(join(packageDir(), file), 'utf8')
  const rendered = environment.render({
    file: `backfeed:${file}`,
    text,
    context: { ...context, sync: { ...context.sync }, run: { ...context.run } },
  })
  const config = configSchema.parse(rendered.config)
  return {
    file,
    sql: rendered.sql,
    statements: splitStatements(buildStatement(environment, { model, config, sql: rendered.sql, context })),
  }
}

function folderOf(model: PackageModel): string {
  if ((revertModels as readonly string[]).includes(model)) return 'revert'
  if ((rekeyModels as readonly string[]).includes(model)) return 'rekey'
  return inLedger.has(model) ? 'ledger' : 'sync'
}

interface Build {
  model: PackageModel
  config: z.infer<typeof configSchema>
  sql: string
  context: PackageContext
}

function buildStatement(environment: TemplateEnvironment, { model, config, sql, context }: Build): string {
  if (config.materialized === 'append') return environment.call('sql.insert_select', [config.into, config.columns, sql])
  const name = ('as' in config ? config.as : undefined) ?? model
  const relation = context.sync.work[name as keyof SyncContext['work']]
  if (config.materialized === 'replacement') return replaceStatements(environment, { relation, of: config.of, sql })
  return environment.call(config.materialized === 'table' ? 'sql.create_table_as' : 'sql.create_view_as', [
    relation,
    sql,
  ])
}

/** The new table is complete before the old one goes. */
function replaceStatements(
  environment: TemplateEnvironment,
  { relation, of, sql }: { relation: string; of: string; sql: string },
): string {
  return [
    environment.call('sql.create_table_as', [relation, sql]),
    environment.call('sql.drop_table', [of]),
    environment.call('sql.rename_table', [relation, of.slice(of.lastIndexOf('.') + 1)]),
  ].join('\n--;;\n')
}

export async function materialize(run: SyncRun, models: readonly PackageModel[]): Promise<void> {
  for (const [index, model] of models.entries()) {
    if (index > 0) run.ports.crashPoints.at('CP05')
    run.signal.throwIfAborted()
    // Tables of the sync belong to whoever holds the lease: a runner that slept through its own must not build them under another.
    await run.lease.confirm()
    const rendered = renderPackageModel(run.environment, model, packageContext(run))
    try {
      await run.warehouse.atomic(rendered.statements, run.options(model))
    } catch (error) {
      throw error instanceof WarehouseError ? inSync(run, model, error) : error
    }
  }
}

/** Rows are first looked at here: by the model, if it is a view, and by the rules. Failures of the connection have no place. */
function inSync(run: SyncRun, step: PackageModel, error: WarehouseError): WarehouseError {
  const [problem] = error.problems
  if (!problem || !['syntax', 'missing', 'data', 'permission'].includes(error.kind)) return error
  const told: Problem = {
    ...problem,
    message: `step ${step}: ${problem.message}`,
    at: run.sync.model.at,
    help: `a value of the model, or a rule that cannot take it; the SQL of the step: backfeed compile -s ${run.sync.name}`,
  }
  return new WarehouseError(error.kind, told, { cause: error })
}

export function packageContext(run: SyncRun): PackageContext {
  const { target, project } = run
  return {
    ...run.context,
    target: { name: target.name, type: target.type, schema: target.schema, audit_schema: project.audit.schema },
  }
}
