/** A plan file: which plans of the warehouse it stands for, and what must still be true when they are applied. No row values. */
import { z } from 'zod'

/** What `format` must say. A file with another number was written by another version of Backfeed. */
export const FORMAT = 'backfeed-plan/1'

const hash = z.string().regex(/^[0-9a-f]{8,64}$/)
const count = z.int().min(0)
/** They become part of SQL: nothing but what Backfeed itself makes. */
const id = z.string().regex(/^[\w-]{1,80}$/)

const guardSchema = z.strictObject({
  name: z.string(),
  code: z.string(),
  /** Null: switched off. */
  limit: z.number().nullable(),
  actual: count,
  verdict: z.enum(['ok', 'allowed', 'blocked']),
  /** What to type to raise it. */
  allow: z.string().optional(),
})

export const savedEntrySchema = z.strictObject({
  sync: id,
  /** Of a link: the sync it belongs to, and the property by which records are found. */
  link: z.strictObject({ of: id, by: z.string() }).optional(),
  connection: z.string(),
  destination: z.enum(['salesforce', 'hubspot']),
  object: z.string(),
  org_id: z.string(),
  org_env: z.string(),
  run_id: id,
  plan_id: id,
  /** Prefix of the change ids. */
  trace: id,
  /** Lease epoch of the plan: what a run of the sync wrote in a later one makes it stale. */
  base_epoch: count,
  config_hash: hash,
  mapping_hash: hash,
  crm_schema_hash: hash,
  /** Over the payload hashes of the rows to send, in order. */
  rows_digest: hash,
  source_rows: count,
  send: count,
  creates: count,
  updates: count,
  clears: count,
  guards: z.array(guardSchema),
})

export const savedPlanSchema = z.strictObject({
  tool_version: z.string(),
  project: z.string(),
  target: z.string(),
  planner: z.string(),
  git_sha: z.string().nullable(),
  /** UTC, ISO 8601. */
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  allow_reason: z.string().nullable(),
  /** In the order in which they are applied. */
  plans: z.array(savedEntrySchema).min(1),
})

export type SavedEntry = z.infer<typeof savedEntrySchema>
export type SavedPlan = z.infer<typeof savedPlanSchema>

/** A saved plan whose file has been read; `digest` is its name in the warehouse. */
export interface PlanFile {
  saved: SavedPlan
  digest: string
}
