/** Backfeed's own tables: their definition (models/ledger/tables.yml), their names and their creation. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { TemplateEnvironment } from '../compile/compile.ts'
import { splitStatements } from '../compile/split-statements.ts'
import { BackfeedError } from '../errors.ts'
import { packageDir } from '../package-dir.ts'
import { toolVersion } from '../tool-version.ts'
import type { StatementOptions, TableRef, Warehouse } from '../warehouse/warehouse.ts'

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
  | 'sync_schema'

export interface LedgerColumn {
  name: string
  kind: z.infer<typeof columnSchema>[0]
  meaning: string
}

export interface LedgerDefinition {
  version: number
  tables: ReadonlyMap<LedgerTable, readonly LedgerColumn[]>
}

let definition: LedgerDefinition | undefined

/** Read once per process: a run asks for it several times. */
export function ledgerDefinition(): LedgerDefinition {
  definition ??= readDefinition()
  return definition
}

function readDefinition(): LedgerDefinition {
  const parsed = tablesSchema.parse(parse(readFileSync(join(packageDir(), 'models/ledger/tables.yml'), 'utf8')))
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

export interface LedgerRequest {
  warehouse: Warehouse
  environment: TemplateEnvironment
  schema: string
  auditSchema: string
  options: (step: string) => StatementOptions
}

/** Creates what is missing; refuses tables of a newer version (E-STATE-NEWER). Returns whether anything was created. */
export async function ensureLedger(request: LedgerRequest): Promise<boolean> {
  const { warehouse, schema } = request
  const definition = ledgerDefinition()
  const existing = await schemaVersion(request)
  if (existing !== undefined && existing > definition.version) {
    throw new BackfeedError({
      code: 'E-STATE-NEWER',
      message: `the tables in schema ${schema} have version ${existing}; this Backfeed knows version ${definition.version}`,
      help: 'upgrade Backfeed to the version that last ran here',
    })
  }
  if (existing === definition.version) return false
  await warehouse.atomic(createStatements(request, definition), request.options('ledger'))
  return true
}

async function schemaVersion({ warehouse, schema, options }: LedgerRequest): Promise<number | undefined> {
  const table: TableRef = { schema, name: 'sync_schema' }
  if (!(await warehouse.columns(table))) return undefined
  const rows = await warehouse.rows(`select max(version) from ${schema}.sync_schema`, { ...options('ledger'), max: 1 })
  const version = rows[0]?.[0]
  return version ? Number(version) : undefined
}

function createStatements({ environment, schema, auditSchema }: LedgerRequest, definition: LedgerDefinition): string[] {
  const tables = [...definition.tables].flatMap(([table, columns]) =>
    splitStatements(environment.call('sql.create_table', [`${schema}.${table}`, columns])),
  )
  const now = environment.call('sql.now_utc', [])
  return [
    environment.call('sql.create_schema', [schema]),
    environment.call('sql.create_schema', [auditSchema]),
    ...tables,
    `insert into ${schema}.sync_schema (version, tool_version, applied_at) values (${definition.version}, '${toolVersion()}', ${now})`,
  ]
}
