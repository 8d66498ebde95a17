/** The project that every world runs: one sync per way of meeting and writing records, compiled once per process. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ledgerDefinition } from '../../runner/audit/ledger.ts'
import { renderAuditViews } from '../../runner/audit/views.ts'
import type { TemplateEnvironment } from '../../runner/compile/compile.ts'
import { compileModels } from '../../runner/compile/compile-models.ts'
import { readPackageMacros } from '../../runner/compile/package-files.ts'
import { splitStatements } from '../../runner/compile/split-statements.ts'
import type { FieldDescription } from '../../runner/destination/destination.ts'
import { invariant } from '../../runner/errors.ts'
import { packageDir } from '../../runner/package-dir.ts'
import { loadProject } from '../../runner/project/load-project.ts'
import type { Project, Sync, Target } from '../../runner/project/project.ts'
import { cachedEnvironment } from './cached-environment.ts'
import { openStore, type SqliteStore } from './sqlite-store.ts'

export const variantNames = ['sf_upsert', 'sf_update', 'sf_hold', 'hs_upsert', 'hs_create'] as const
export type VariantName = (typeof variantNames)[number]

export interface Variant {
  sync: Sync
  /** API names as the CRM spells them. */
  match: string
  notes: string
  /** The CRM keeps the match field unique. */
  unique: boolean
  fields: readonly FieldDescription[]
}

export interface Stage {
  project: Project
  target: Target
  environment: TemplateEnvironment
  store: SqliteStore
  variants: ReadonlyMap<VariantName, Variant>
}

let opened: Promise<Stage> | undefined

/** One per process: the templates, the project and the store are shared by all worlds, one after another. */
export function openStage(): Promise<Stage> {
  opened ??= makeStage()
  return opened
}

async function makeStage(): Promise<Stage> {
  const project = loadProject({ dir: simulationFile('project'), env: {} })
  const target = project.targets.get('sim')
  invariant(target, 'the simulation has its target')
  const macros = readPackageMacros([])
  const overlay = { file: 'backfeed:tests/sim/sqlite.sql', text: readFileSync(simulationFile('sqlite.sql'), 'utf8') }
  const { environment } = compileModels({
    project,
    target,
    env: {},
    runStartedAt: '2026-01-01T00:00:00Z',
    invocationId: 'simulation',
    macros: { ...macros, dialectFiles: [...macros.dialectFiles, overlay] },
  })
  const store = await openStore()
  createTables(environment, store)
  const variants = new Map(variantNames.map((name) => [name, variantOf(project, name)]))
  return { project, target, environment: cachedEnvironment(environment), store, variants }
}

/** Also from where the sources are compiled to. */
function simulationFile(name: string): string {
  return join(packageDir(), 'tests/sim', name)
}

function createTables(environment: TemplateEnvironment, store: SqliteStore): void {
  for (const [table, columns] of ledgerDefinition().tables) {
    for (const statement of splitStatements(environment.call('sql.create_table', [`backfeed.${table}`, columns])))
      store.exec(statement)
  }
  const target = { name: 'sim', type: 'duckdb' as const }
  for (const { view, sql } of renderAuditViews({
    environment,
    schema: 'backfeed',
    auditSchema: 'backfeed_audit',
    target,
  }))
    store.exec(`create view backfeed_audit.${view} as\n${sql}`)
  store.exec('create table if not exists crm.customers (id text, email text, name text, segment text, score integer)')
}

function variantOf(project: Project, name: VariantName): Variant {
  const sync = project.syncs.get(name)
  invariant(sync, 'every variant is a sync of the project')
  const isSalesforce = sync.connection === 'salesforce'
  const unique = sync.match.strategy !== 'lookup'
  const match = field(sync.match.field, { unique, matchable: unique })
  const mapped = sync.fields.map(({ to }) => field(to, { kind: /score/i.test(to) ? 'number' : 'string' }))
  const notes = isSalesforce ? 'Notes__c' : 'notes'
  return { sync, match: sync.match.field, notes, unique, fields: [match, ...mapped, field(notes, {})] }
}

function field(name: string, change: Partial<FieldDescription>): FieldDescription {
  const is = { createable: true, updateable: true, requiredOnCreate: false, unique: false, matchable: false }
  return { name, label: name, vendorType: 'text', kind: 'string', caseSensitive: true, ...is, ...change }
}
