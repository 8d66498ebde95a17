/**
 * What compile offers to the rest: pure functions from a loaded project to SQL text.
 * Templates run sandboxed; see environment.ts.
 */
import type { Position } from '../errors.ts'
import type { SourceFile } from '../project/project.ts'
import type { Column, TableRef, WarehouseName } from '../warehouse/warehouse.ts'

/** The strict objects a package model may see. Reading a member that does not exist is an error with file and line. */
export interface TemplateContext {
  /** Facts of the sync, JSON values only. Absent for user models. */
  sync?: Readonly<Record<string, unknown>>
  /** Facts of this run: ids, epoch, times; JSON values only. */
  run?: Readonly<Record<string, unknown>>
  target: { name: string; type: WarehouseName; schema: string; audit_schema: string }
  /** What `this` prints: the relation the rendered model becomes. */
  this?: string
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
  /** ref() and source() calls in order of appearance, then those of macros, resolved by the resolver given to the environment. */
  dependsOn: readonly string[]
  /** The ref() and source() calls written in the file itself, with their places. */
  references: readonly Reference[]
  /** What `log(...)` was called with. */
  logs: readonly string[]
  /** Where config() was called last. */
  configAt?: Position
  /** Line of the file each line of `sql` comes from; entry 0 is for line 1. */
  sourceLines: readonly number[]
}

/** What the makers of an environment give it; everything is copied in as text, nothing of the host is reachable. */
export interface TemplateEnvironmentOptions {
  /** Files under the package's macros/ except dialect/: a folder is one object (`standardize.email`), a root file too (`policies`). */
  packageMacros: readonly SourceFile[]
  /** Macros of the project: plain functions by name. */
  projectMacros: readonly SourceFile[]
  /** default.sql first, the nearest dialect last; merged into `sql`. */
  dialectFiles: readonly SourceFile[]
  /** Text of a relation. They throw BackfeedError E-TPL-REF for what does not exist; the place is added here. */
  resolve: { ref(name: string, packageName?: string): string; source(source: string, table: string): string }
  vars: Readonly<Record<string, unknown>>
  /** Environment for env_var(); names that look like secrets are refused whatever is passed. */
  env: Readonly<Record<string, string | undefined>>
  runStartedAt: string
  invocationId: string
}

/** `ref('a')`, `ref('pkg', 'a')` or `source('s', 't')` as written. */
export interface Reference {
  kind: 'ref' | 'source'
  names: readonly string[]
  at: Position
}

/** One environment per (project, target): macros loaded once, dialect merged and checked. */
export interface TemplateEnvironment {
  /** Throws BackfeedError E-TPL-* with the exact line and column. */
  render(request: RenderRequest): Rendered
  /** True when there is such a macro, for primitives a dialect may leave out. */
  has(macro: string): boolean
  /** Evaluate one macro (`sql.cast`, `standardize.email`, `my_macro`) with JSON arguments; `target` is there if a context is given. */
  call(macro: string, args: readonly unknown[], context?: TemplateContext): string
}

/** A user model or seed after compile. */
export interface CompiledModel {
  name: string
  relation: TableRef
  materialized: 'table' | 'view'
  sql: string
  file: string
  /** As written, for places in it. */
  text: string
  /** Names of models and seeds this one reads, in graph order. */
  dependsOn: readonly string[]
  /** `crm.customers` of every source this one reads. */
  sources: readonly string[]
  tags: readonly string[]
  /** Line of the file each line of `sql` comes from; entry 0 is for line 1. */
  sourceLines: readonly number[]
}

/** Column types a sync's source relation has, known once the model is built (or from the property file before). */
export type SourceColumns = readonly Column[]
