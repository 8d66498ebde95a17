import { type CompiledProject, compileModels } from '../../../runner/compile/compile-models.ts'
import type { Model, Project, Seed, Source, Sync, Target } from '../../../runner/project/project.ts'
import { fixture } from './try-template.ts'

export interface ProjectFiles {
  models?: Record<string, string>
  seeds?: string[]
  sources?: Pick<Source, 'sourceName' | 'table' | 'schema'>[]
  macros?: Record<string, string>
  /** Name of each sync and the model it reads. */
  syncs?: Record<string, string>
}

export const target: Target = { name: 'dev', type: 'duckdb', schema: 'backfeed', threads: 1, settings: {} }

/** A project made of texts, without reading anything. */
export function projectOf(files: ProjectFiles): Project {
  const models = Object.entries(files.models ?? {}).map(([name, text]): [string, Model] => [
    name,
    { name, file: `models/${name}.sql`, text, materialized: 'table', tags: [], columns: new Map() },
  ])
  const seeds = (files.seeds ?? []).map((name): [string, Seed] => [
    name,
    { name, file: `seeds/${name}.csv`, tags: [], columns: new Map() },
  ])
  const sources = (files.sources ?? []).map((source): [string, Source] => [
    `${source.sourceName}.${source.table}`,
    { ...source, identifier: source.table, columns: new Map() },
  ])
  const syncs = Object.entries(files.syncs ?? {}).map(([name, model]) => [name, syncOf(name, model)] as const)
  return {
    dir: '/project',
    name: 'test_project',
    version: '1.0.0',
    paths: {
      models: ['models'],
      macros: ['macros'],
      syncs: ['syncs'],
      seeds: ['seeds'],
      tests: ['tests'],
      target: 'target',
    },
    cleanTargets: ['target'],
    defaultTarget: 'dev',
    activeTarget: 'dev',
    targetNames: ['dev'],
    targets: new Map([['dev', target]]),
    connections: new Map(),
    vars: {},
    audit: { schema: 'backfeed_audit', values: 'full', hashChain: true },
    models: new Map(models),
    seeds: new Map(seeds),
    sources: new Map(sources),
    syncs: new Map(syncs),
    macroFiles: Object.entries(files.macros ?? {}).map(([file, text]) => ({ file, text })),
    warnings: [],
  }
}

function syncOf(name: string, model: string): Sync {
  const at = { file: 'syncs/s.yml', line: 1, column: 1 }
  const limit = { percent: 100 }
  const guards = { minSourceRows: 1, maxSourceDrop: limit, maxCreates: limit, maxUpdates: limit, maxClears: limit }
  return {
    name,
    file: 'syncs/s.yml',
    model: { kind: 'ref', name: model, at },
    primaryKey: ['id'],
    connection: 'salesforce',
    object: 'Account',
    mode: 'upsert',
    match: { field: 'Id__c', from: 'id', strategy: 'external_id', at },
    fields: [],
    ownership: { crm: [], onDrift: 'overwrite' },
    firstSync: 'hold',
    onRemoved: 'nothing',
    validate: [],
    guards: {
      ...guards,
      maxDeletes: limit,
      maxQuarantined: limit,
      maxRejected: limit,
      maxFieldClears: limit,
      maxConflicts: limit,
      maxEqualErrors: 0,
      canaryRows: 0,
      explicit: [],
    },
    limits: { concurrency: 1 },
    dependsOn: [],
    tags: [],
    audit: { values: 'full', sensitive: {} },
    at,
    rendered: { name, model },
  }
}

export function compiledProject(files: ProjectFiles): CompiledProject {
  return compileModels({
    project: projectOf(files),
    target,
    dialectChain: ['duckdb'],
    env: {},
    runStartedAt: '2026-11-22T10:00:00Z',
    invocationId: 'i-1',
    macros: {
      packageMacros: [fixture('policies.sql')],
      dialectFiles: [fixture('dialect/default.sql'), fixture('dialect/duckdb.sql'), fixture('dialect/quotes.sql')],
    },
  })
}
