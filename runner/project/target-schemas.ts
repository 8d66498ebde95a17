/** What a target may say, by warehouse. `not yet` lists the warehouses that the format names and nobody built. */
import { z } from 'zod'
import { approvalRule, positive, schemaName, text } from './scalar-schemas.ts'

/** Numbers may come from env_var(), which gives text. */
const port = z
  .union([z.int().min(1).max(65_535), z.string().regex(/^\d{1,5}$/)], { error: 'must be a port number' })
  .describe('Port of the server')

const common = {
  schema: schemaName.optional().describe('Schema of models, seeds and the private tables (default backfeed)'),
  threads: positive.max(64).optional().describe('Models built at once (default 4)'),
  protect: z
    .boolean()
    .optional()
    .describe('Write to CRMs only with --target typed, and with a saved plan or --auto-approve (default false)'),
  require_approval: approvalRule
    .optional()
    .describe('Runs of its syncs that somebody must approve as a saved plan: never (default), first_run or always'),
}

const duckdb = z.strictObject({
  type: z.literal('duckdb').describe('duckdb'),
  path: text.optional().describe('Database file, relative to the project (default target/<target>.duckdb)'),
  memory_limit: text.optional().describe('Most memory DuckDB may use, for example 4GB'),
  lock_timeout_ms: z
    .int()
    .min(0)
    .optional()
    .describe('How long to wait for another process that has the file open (default 10000)'),
  ...common,
})

const postgres = z.strictObject({
  type: z.literal('postgres').describe('postgres'),
  host: text.optional().describe('Host name, or the folder of a socket (default localhost)'),
  port: port.optional(),
  user: text.optional().describe('Role to log in as'),
  password: text.optional().describe('Password, by env_var()'),
  database: text.optional().describe('Database'),
  dbname: text.optional().describe("Database, under dbt's name"),
  sslmode: z
    .enum(['disable', 'require', 'verify-ca', 'verify-full'])
    .optional()
    .describe('TLS, as libpq names it (default disable); prefer would fall back to plain text in silence'),
  sslrootcert: text.optional().describe('File with the certificate authority of the server'),
  role: text.optional().describe('Role to switch to after the login'),
  ...common,
})

export const targetSchemas = { duckdb, postgres } as const
export const TARGET_TYPES_LATER = ['redshift', 'snowflake', 'bigquery', 'databricks'] as const
