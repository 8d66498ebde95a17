/** Property files: YAML beside the models, in dbt's shape. */
import { z } from 'zod'
import { modelConfigSchema, seedConfigSchema } from './project-schema.ts'
import { columnName, later, names, resourceName, schemaName, text } from './scalar-schemas.ts'
import { ruleSchema } from './sync-schema.ts'

const meta = z.record(z.string(), z.unknown()).optional().describe('Anything; kept for people and other tools')
/** Read by build-rules.ts: a rule name, or a rule name with arguments. */
const tests = z
  .array(z.union([text, z.record(z.string(), z.unknown())], { error: 'must be a rule name, or a rule with arguments' }))
  .optional()

const testArguments = {
  values: ruleSchema.shape.values,
  min: ruleSchema.shape.min,
  max: ruleSchema.shape.max,
  pattern: ruleSchema.shape.pattern,
  length: ruleSchema.shape.length,
  expression: ruleSchema.shape.expression,
  on_fail: ruleSchema.shape.on_fail,
}

/** What stands below the name of a data test. */
export const columnTestSchema = z.strictObject({
  ...testArguments,
  arguments: z.strictObject(testArguments).optional().describe('Arguments, as newer dbt versions want them'),
  name: ruleSchema.shape.name,
  severity: z.enum(['error']).optional().describe('error; use on_fail to say what happens to the row'),
  where: later('Only for some rows'),
  config: later('Settings of the test'),
})

export const columnSchema = z.strictObject({
  name: columnName.describe('Column of the model'),
  description: text.optional().describe('What the column means'),
  data_type: text.optional().describe('Type in the warehouse; seeds are loaded with it'),
  semantic_type: z
    .enum(['email', 'phone', 'domain', 'country', 'name', 'url', 'currency', 'percent'])
    .optional()
    .describe('What the value is: gives rules, a standardiser and masking to every sync that maps the column'),
  sensitive: z.enum(['mask', 'hash', 'omit']).optional().describe('How the audit keeps the value: mask, hash or omit'),
  data_tests: tests.describe('Rules: not_null, unique, accepted_values, between, …'),
  tests: tests.describe('Older name of data_tests'),
  tags: names.optional().describe('Labels'),
  meta,
})

const columns = z.array(columnSchema).optional().describe('The columns')
const tags = modelConfigSchema.shape.tags

const modelSchema = z.strictObject({
  name: resourceName.describe('Name of the model: its file name without .sql'),
  description: text.optional().describe('What one row of the model is'),
  config: modelConfigSchema.optional().describe('materialized, schema, tags'),
  tags,
  meta,
  data_tests: later('Tests of the whole model'),
  tests: later('Tests of the whole model'),
  columns,
})

const seedSchema = z.strictObject({
  name: resourceName.describe('Name of the seed: its file name without .csv'),
  description: text.optional().describe('What one row of the seed is'),
  config: seedConfigSchema.optional().describe('tags'),
  tags,
  meta,
  columns,
})

const sourceSchema = z.strictObject({
  name: text.describe('Name used in source()'),
  description: text.optional().describe('Where the tables come from'),
  schema: schemaName.optional().describe('Schema of the tables (default: the name)'),
  database: text.optional().describe('Database of the tables'),
  meta,
  tables: z
    .array(
      z.strictObject({
        name: text.describe('Name used in source()'),
        identifier: text.optional().describe('Name in the warehouse (default: the name)'),
        description: text.optional().describe('What one row is'),
        meta,
        columns,
      }),
    )
    .describe('The tables'),
})

export const propertyFileSchema = z.strictObject({
  version: z
    .union([z.literal(1), z.literal(2)], { error: 'must be 2' })
    .optional()
    .describe('Version of the format: 2'),
  models: z.array(modelSchema).optional().describe('Properties of models'),
  seeds: z.array(seedSchema).optional().describe('Properties of seeds'),
  sources: z.array(sourceSchema).optional().describe('Tables that exist already'),
  unit_tests: later('Unit tests of models'),
  exposures: later('Uses of models elsewhere'),
  macros: later('Properties of macros'),
})

export type PropertyFile = z.output<typeof propertyFileSchema>
export type ColumnInput = z.output<typeof columnSchema>
