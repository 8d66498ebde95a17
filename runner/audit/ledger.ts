/** Backfeed's own tables: their definition (models/ledger/tables.yml), their names and their creation. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { TemplateEnvironment } from '../compile/compile.ts'
import { splitStatements } from '../compile/split-statements.ts'
import { BackfeedError } from '../errors.ts'
import { packageDir } from '../package-dir.ts'
import { toolVersion } from '../tool-version.ts'
import type { StatementOptions, Warehouse } from '../warehouse/warehouse.ts'
import { WarehouseError } from '../warehouse/warehouse-error.ts'

const columnSchema = z.tuple([z.enum(['text', 'bool', 'bigint', 'timestamp', 'hash']), z.string()])
const tablesSchema = z.strictObject({
  version: z.int(),
  tables: z.record(z.string(), z.record(z.string(), columnSchema)),
})

export type LedgerTable =
  | 'sync_lease'
  | 'sync_run'
  | 'sync_run_event'
  | 'sync_plan'
  | 'sync_plan_row'
  | 'sync_plan_field'
  | 'sync_intent'
  | 'sync_job'
  | 'sync_result'
  | 'sync_call'
  | 'sync_quarantine_event'
  | 'sync_mapping'
  | 'sync_config'
  | 'sync_identity'
  | 'sync_stored'
  | 'sync_purge'
  | 'sync_pause'
  | 'sync_unlock'
  | 'sync_rollout'
  | 'sync_schema'
  | 'sync_saved_plan'
  | 'sync_approval'

export interface LedgerColumn {
  name: string
  kind: z.infer<typeof columnSchema>[0]
  meaning: string
}

export interface LedgerDefinition {
  version: number
  tables: ReadonlyMap<LedgerTable, readonly LedgerColumn[]>
}

let known: LedgerDefinition | undefined

export function ledgerDefinition(): LedgerDefinition {
  known ??= parseLedger(readFileSync(join(packageDir(), 'models/ledger/tables.yml'), 'utf8'))
  return known
}

export function parseLedger(yaml: string): LedgerDefinition {
  const parsed = tablesSchema.parse(parse(yaml))
  const tables = Object.entries(parsed.tables).map(
    ([table, columns]) =>
      [
        table as LedgerTable,
        Object.entries(columns).map(([name, [kind, meaning]]) => ({ name, kind, meaning })),
      ] as const,
  )
  return { version: parsed.version, tables: new Map(tables) }
}

/** `schema.table` of every ledger table, for templates. */
export function ledgerRelations(schema: string): Record<LedgerTable, string> {
  const names = [...ledgerDefinition().tables.keys()]
  return Object.fromEntries(names.map((table) => [table, `${schema}.${table}`])) as Record<LedgerTable, string>
}

/** Where our own tables are and how statements reach them. */
export interface LedgerPlace {
  warehouse: Warehouse
  environment: TemplateEnvironment
  schema: string
  auditSchema: string
  options: (step: string) => StatementOptions
}

export interface LedgerRequest extends LedgerPlace {
  /** The public views as this version has them; replaced when their hash is not the recorded one. */
  views?: { hash: string; statements: () => readonly string[] }
}

/** How often a migration starts again because another process changed the tables at the same time. */
const maxTries = 5

/**
 * Brings our tables to the version of models/ledger/tables.yml: from nothing, or from any older version. Forward only; refuses
 * tables of a newer version (E-STATE-NEWER). Each part is idempotent and the version row comes last, so a process that dies
 * half-way, or two that migrate at once, leave something the next one completes. Returns whether anything was changed.
 */
export async function ensureLedger(request: LedgerRequest): Promise<boolean> {
  const definition = ledgerDefinition()
  for (let tries = 1; ; tries += 1) {
    const found = await findSchema(request)
    refuseNewer(request.schema, found, definition)
    if (isCurrent(request, found, definition)) return tries > 1
    try {
      await migrate(request, found, definition)
      return true
    } catch (error) {
      if (tries === maxTries || !(error instanceof WarehouseError) || isFinal(error)) throw error
    }
  }
}

/** For those who only read. False when there are no tables yet. @throws BackfeedError E-STATE-NEWER, E-STATE-OLDER */
export async function requireCurrentLedger(request: LedgerRequest): Promise<boolean> {
  const definition = ledgerDefinition()
  const found = await findSchema(request)
  refuseNewer(request.schema, found, definition)
  if (found === undefined || found.version === definition.version) return found !== undefined
  throw new BackfeedError({
    code: 'E-STATE-OLDER',
    message: `the tables in schema ${request.schema} have version ${found.version}; this Backfeed reads version ${definition.version}`,
    help: 'run `backfeed plan` once: it brings them to this version, and keeps what is in them',
  })
}

/** Anything else may be the other process: "column exists already", a deadlock, a catalogue row that changed underneath. */
function isFinal({ kind }: WarehouseError): boolean {
  return kind === 'permission' || kind === 'locked'
}

/** The newest row of sync_schema. */
interface FoundSchema {
  version: number
  viewsHash: string | null
}

async function findSchema({ warehouse, schema, options }: LedgerRequest): Promise<FoundSchema | undefined> {
  const columns = await warehouse.columns({ schema, name: 'sync_schema' })
  if (!columns) return undefined
  const hash = columns.some(({ name }) => name.toLowerCase() === 'views_hash') ? 'views_hash' : 'null'
  const sql = `select version, ${hash} from ${schema}.sync_schema order by version desc, applied_at desc limit 1`
  const [row] = await warehouse.rows(sql, { ...options('ledger'), max: 1 })
  return row ? { version: Number(row[0]), viewsHash: row[1] ?? null } : undefined
}

function refuseNewer(schema: string, found: FoundSchema | undefined, definition: LedgerDefinition): void {
  if (found === undefined || found.version <= definition.version) return
  throw new BackfeedError({
    code: 'E-STATE-NEWER',
    message: `the tables in schema ${schema} have version ${found.version}; this Backfeed knows version ${definition.version}`,
    help: 'upgrade Backfeed to the version that last ran here',
  })
}

function isCurrent({ views }: LedgerRequest, found: FoundSchema | undefined, { version }: LedgerDefinition): boolean {
  return found?.version === version && (views === undefined || found.viewsHash === views.hash)
}

/** Layout first, content after: some warehouses refuse to write to a table that the same transaction has altered. */
async function migrate(
  request: LedgerRequest,
  found: FoundSchema | undefined,
  definition: LedgerDefinition,
): Promise<void> {
  const { environment, schema, views } = request
  const now = environment.call('sql.now_utc', [])
  const row = `${definition.version}, '${toolVersion()}', ${now}, ${views ? `'${views.hash}'` : 'null'}`
  const insert = `insert into ${schema}.sync_schema (version, tool_version, applied_at, views_hash) values (${row})`
  await together(request, await layoutStatements(request, definition))
  await together(request, [...contentStatements(request, found, definition), ...(views?.statements() ?? []), insert])
}

async function layoutStatements(request: LedgerRequest, definition: LedgerDefinition): Promise<string[]> {
  const { environment, schema, auditSchema } = request
  const statements: string[] = []
  for (const name of [schema, auditSchema]) {
    // An administrator may have made it for a role that may make none.
    if (!(await hasSchema(request, name))) statements.push(environment.call('sql.create_schema', [name]))
  }
  for (const [table, columns] of definition.tables) {
    const relation = `${schema}.${table}`
    const existing = await request.warehouse.columns({ schema, name: table })
    const have = new Set(existing?.map(({ name }) => name.toLowerCase()))
    const missing = columns.filter(({ name }) => !have.has(name))
    statements.push(
      ...(existing
        ? missing.map((column) => environment.call('sql.add_column', [relation, column]))
        : splitStatements(environment.call('sql.create_table', [relation, columns]))),
    )
  }
  return statements
}

async function hasSchema({ warehouse, environment, options }: LedgerRequest, name: string): Promise<boolean> {
  const rows = await warehouse.rows(environment.call('sql.schema_exists', [name]), { ...options('ledger'), max: 1 })
  return rows.length > 0
}

/** models/ledger/migrations/<version>.sql: what rows of older versions need. Idempotent, because it may run twice. */
function contentStatements(
  { warehouse, environment, schema, auditSchema }: LedgerRequest,
  found: FoundSchema | undefined,
  { version }: LedgerDefinition,
): string[] {
  const from = found?.version ?? version
  const context = {
    run: { ledger: ledgerRelations(schema) },
    target: { name: '', type: warehouse.name, schema, audit_schema: auditSchema },
  }
  return Array.from({ length: version - from }, (_, i) => `models/ledger/migrations/${from + 1 + i}.sql`)
    .filter((file) => existsSync(join(packageDir(), file)))
    .flatMap((file) => {
      const text = readFileSync(join(packageDir(), file), 'utf8')
      return splitStatements(environment.render({ file: `backfeed:${file}`, text, context }).sql)
    })
}

async function together({ warehouse, options }: LedgerRequest, statements: readonly string[]): Promise<void> {
  if (warehouse.capabilities.ddlInTransaction === 'yes') return warehouse.atomic(statements, options('ledger'))
  for (const statement of statements) await warehouse.exec(statement, options('ledger'))
}
