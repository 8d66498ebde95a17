/**
 * What compile offers to the rest: pure functions from a loaded project to SQL text.
 * Templates run sandboxed; see environment.ts.
 */
import type { Column, TableRef, WarehouseName } from '../warehouse/warehouse.ts'

/** The strict objects a package model may see. Reading a member that does not exist is an error with file and line. */
export interface TemplateContext {
  /** Facts of the sync, JSON values only. Absent for user models. */
  sync?: Readonly<Record<string, unknown>>
  /** Facts of this run: ids, epoch, times; JSON values only. */
  run?: Readonly<Record<string, unknown>>
  target: { name: string; type: WarehouseName; schema: string; audit_schema: string }
}

export interface RenderRequest {
  /** For error positions: relative to the project, or `backfeed:models/sync/changes.sql` for the package's own. */
  file: string
  text: string
  context: TemplateContext
}

export interface Rendered {
  sql: string
  /** What `config(...)` was called with. */
  config: Readonly<Record<string, unknown>>
  /** ref() and source() calls in order of appearance, resolved by the resolver given to the environment. */
  dependsOn: readonly string[]
}

/** One environment per (project, target): macros loaded once, dialect merged and checked. */
export interface TemplateEnvironment {
  /** Throws BackfeedError E-TPL-* with the exact line and column. */
  render(request: RenderRequest): Rendered
  /** Evaluate one macro of the `sql` or project namespace with JSON arguments; for tests and small statements. */
  call(macro: string, args: readonly unknown[]): string
}

/** A user model or seed after compile. */
export interface CompiledModel {
  name: string
  relation: TableRef
  materialized: 'table' | 'view'
  sql: string
  file: string
  /** Names of models this one reads, in graph order. */
  dependsOn: readonly string[]
}

/** Column types a sync's source relation has, known once the model is built (or from the property file before). */
export type SourceColumns = readonly Column[]
