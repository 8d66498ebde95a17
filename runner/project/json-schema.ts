/** JSON Schemas of the project's files for editors. Draft 7, because the YAML language server reads no later one. */
import { z } from 'zod'
import { connectionSchema, connectionTargetSchemas } from './connection-schemas.ts'
import { projectSchema } from './project-schema.ts'
import { propertyFileSchema } from './property-schema.ts'
import { syncFileShell, syncSchema } from './sync-schema.ts'
import { targetSchemas } from './target-schemas.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export interface ProjectJsonSchemas {
  sync: JsonSchema
  project: JsonSchema
  properties: JsonSchema
}

export function projectJsonSchemas(): ProjectJsonSchemas {
  return {
    sync: draft7(syncFileSchema(), 'A file with syncs'),
    project: draft7(wholeProjectSchema(), 'project.yml'),
    properties: draft7(propertyFileSchema, 'A property file'),
  }
}

/** Keys of a sync may come from defaults, so an editor insists on the name only. */
function syncFileSchema(): z.ZodType {
  const { destination, match, ...rest } = syncSchema.shape
  const parts = {
    ...rest,
    destination: destination.partial().describe(destination.description ?? ''),
    match: match.partial().describe(match.description ?? ''),
  }
  const { name, ...others } = parts
  const defaults = z.strictObject(others).partial()
  return z.strictObject({
    ...syncFileShell.shape,
    defaults: defaults.optional().describe(syncFileShell.shape.defaults.description ?? ''),
    syncs: z.array(defaults.extend({ name })).describe(syncFileShell.shape.syncs.description ?? ''),
  })
}

function wholeProjectSchema(): z.ZodType {
  const { targets, connections } = projectSchema.shape
  const target = z.union([targetSchemas.duckdb, targetSchemas.postgres])
  const connection = z.union(
    (['salesforce', 'hubspot'] as const).map((type) =>
      connectionSchema.extend({
        type: z.literal(type).describe(type),
        targets: z
          .record(z.string(), connectionTargetSchemas[type])
          .describe(connectionSchema.shape.targets.description ?? ''),
      }),
    ),
  )
  return projectSchema.extend({
    targets: z
      .record(z.string(), target)
      .optional()
      .describe(targets.description ?? ''),
    connections: z
      .record(z.string(), connection)
      .optional()
      .describe(connections.description ?? ''),
  })
}

function draft7(schema: z.ZodType, title: string): JsonSchema {
  return { title, ...z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) }
}
