/** The project's zod schemas as JSON Schema for editors. Draft-07: the YAML language server knows nothing newer. */
import { z } from 'zod'
import { projectSchema } from '../project/project-schema.ts'
import { propertyFileSchema } from '../project/property-schema.ts'
import { syncFileShell, syncSchema } from '../project/sync-schema.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export async function jsonSchemas(): Promise<Record<string, JsonSchema>> {
  const syncFile = syncFileShell.extend({
    defaults: syncSchema.partial().optional().describe('Merged into every sync of this file'),
    syncs: z.array(syncSchema).describe('The syncs'),
  })
  return {
    project: draft7(projectSchema, 'Backfeed project'),
    sync: withoutRequired(draft7(syncFile, 'Backfeed syncs')),
    properties: draft7(propertyFileSchema, 'Backfeed model, seed and source properties'),
  }
}

function draft7(schema: z.ZodType, title: string): JsonSchema {
  return { title, ...z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' }) }
}

/** A sync may take any key from `defaults:` or project.yml, so an editor that sees one file cannot insist on it. */
function withoutRequired(schema: JsonSchema): JsonSchema {
  const relaxed: unknown = JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('required' in value)) return value
    if (!['items', 'defaults', 'destination', 'match'].includes(key) || !Array.isArray(value.required)) return value
    const { required, ...rest } = value
    return required.includes('name') ? { ...rest, required: ['name'] } : rest
  })
  return typeof relaxed === 'object' && relaxed !== null ? { ...relaxed } : schema
}
