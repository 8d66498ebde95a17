/** project.yml (DESIGN section 7). Targets and connections are checked entry by entry, because their keys depend on their type. */
import { z } from 'zod'
import { later, names, resourceName, schemaName, text } from './scalar-schemas.ts'
import { auditValues } from './sync-schema.ts'

/** An empty list would quietly load nothing. */
const folders = z.array(text.min(1)).min(1)
const maybeFolders = z.array(text.min(1))
const anyMap = z.record(z.string(), z.unknown())
const entries = z.record(z.string(), anyMap)

export const auditSchema = z.strictObject({
  schema: schemaName.optional().describe('Schema of the public audit views (default backfeed_audit)'),
  retention_days: z
    .int()
    .min(1)
    .optional()
    .describe('Days after which `audit purge` erases values that nothing needs any more (default: never)'),
  values: auditValues.optional().describe('How values are kept: full (default), masked, hashed or none'),
  hash_chain: z.boolean().optional().describe('Chain the events of a run by hash, so that edits show (default true)'),
})

export const projectSchema = z.strictObject({
  name: resourceName.describe('Name of the project'),
  version: text.optional().describe('Version of the project'),
  'require-backfeed-version': text
    .optional()
    .describe('Versions of Backfeed this project works with: ">=0.1.0 <0.2.0"'),
  'model-paths': folders.optional().describe('Folders with SQL models (default models)'),
  'macro-paths': maybeFolders.optional().describe('Folders with macros (default macros)'),
  'sync-paths': folders.optional().describe('Folders with sync files (default syncs)'),
  'seed-paths': maybeFolders.optional().describe('Folders with CSV seeds (default seeds)'),
  'test-paths': maybeFolders.optional().describe('Folders with data tests (default tests)'),
  'target-path': text.min(1).optional().describe('Folder for compiled SQL and results (default target)'),
  'clean-targets': maybeFolders.optional().describe('Folders that `backfeed clean` removes (default: the target path)'),
  'default-target': text.optional().describe('Target used without --target (default dev)'),
  profile: later("Reuse an entry of dbt's profiles.yml"),
  targets: entries.optional().describe('Warehouses, by name of the target'),
  connections: entries.optional().describe('CRMs, and which of them each target may reach'),
  dbt: later('Artifacts of a dbt project to read'),
  models: anyMap.optional().describe('Defaults for models: +materialized, +schema, +tags, by folder'),
  seeds: anyMap.optional().describe('Defaults for seeds: +tags, by folder'),
  syncs: anyMap.optional().describe('Defaults for syncs: any key of a sync with + before it, by folder, file or name'),
  audit: auditSchema.optional().describe('Audit tables'),
  alerts: later('Channels for alerts'),
  lineage: later('Where lineage events go'),
  vars: anyMap.optional().describe('Variables for models, read by var()'),
})

export type ProjectInput = z.output<typeof projectSchema>

/** What `+` keys may say about a model, in project.yml and under `config:` of a property file. */
export const modelConfigSchema = z.strictObject({
  materialized: text.optional().describe('table (default) or view'),
  schema: schemaName.optional().describe('Schema instead of the schema of the target'),
  tags: z
    .union([text, names], { error: 'must be a tag or a list of tags' })
    .optional()
    .describe('Labels for selectors, as in tag:crm'),
  enabled: later('Leave a model out'),
})

export const seedConfigSchema = z.strictObject({
  tags: modelConfigSchema.shape.tags,
  schema: later('Schema of the seeds'),
  column_types: later('Types of columns; write data_type in a property file'),
  delimiter: later('Another separator than a comma'),
  quote_columns: later('Quoted column names'),
  enabled: later('Leave a seed out'),
})
