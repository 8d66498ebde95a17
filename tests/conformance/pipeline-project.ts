/** A small project on the warehouse under test and both emulated CRMs; each test changes rows of the source and runs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemPorts } from '../../runner/ports.ts'
import { loadProject } from '../../runner/project/load-project.ts'
import type { SyncResult } from '../../runner/sync/execute-sync.ts'
import { type ExecuteResult, executeSyncs } from '../../runner/sync/run-sync.ts'
import type { Allowance, Verb } from '../../runner/sync/sync-run.ts'
import type { TextRow } from '../../runner/warehouse/warehouse.ts'
import { startTestEmulator, type TestEmulator } from '../support/emulator.ts'
import { openTestWarehouse, statement, type TestWarehouse, type TestWarehouseName } from '../support/warehouses.ts'

export interface PipelineProject {
  emulator: TestEmulator
  opened: TestWarehouse
  dir: string
  /** Replaces the source table's rows. */
  source(rows: readonly string[]): Promise<void>
  write(file: string, text: string): void
  execute(
    verb: Verb,
    sync: string,
    more?: { allowance?: Allowance; runKey?: string; signal?: AbortSignal },
  ): Promise<SyncResult>
  executeAll(verb: Verb): Promise<ExecuteResult>
  query(sql: string): Promise<TextRow[]>
  close(): Promise<void>
}

const projectYaml = (type: string, settings: Record<string, unknown>) => `name: pipeline
version: 1.0.0
model-paths: [models]
sync-paths: [syncs]
default-target: dev
targets:
  dev: ${JSON.stringify({ type, ...settings })}
connections:
  salesforce: {type: salesforce, targets: {dev: {emulator: true}}}
  hubspot: {type: hubspot, targets: {dev: {emulator: true}}}
`

const model = `select customer_id, name, email, ltv, segment, is_active, churned, clear_segment, joined_on, seen_at
from {{ source('app', 'customers') }}
`

const properties = `models:
  - name: crm_customers
    columns:
      - {name: customer_id}
      - {name: email, semantic_type: email}
sources:
  - name: app
    schema: backfeed
    tables: [{name: customers}]
`

const ddl = `create table backfeed.customers (
  customer_id varchar(40), name varchar(200), email varchar(200), ltv decimal(18, 2), segment varchar(40),
  is_active boolean, churned varchar(40), clear_segment boolean, joined_on date, seen_at timestamp)`

export async function pipelineProject(name: TestWarehouseName, syncs: string): Promise<PipelineProject> {
  const emulator = await startTestEmulator()
  const opened = await openTestWarehouse(name)
  const dir = mkdtempSync(join(tmpdir(), 'backfeed-pipeline-'))
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), text)
  }
  write('project.yml', projectYaml(name, opened.settings))
  write('models/crm_customers.sql', model)
  write('models/models.yml', properties)
  write('syncs/syncs.yml', syncs)
  await emulator.control.putSchema('salesforce', 'Account', { fields: salesforceFields })
  await emulator.control.putSchema('hubspot', 'contacts', { properties: hubspotProperties })
  await opened.warehouse.exec(ddl, statement('ddl'))
  const execute = executor(dir, emulator)
  return {
    emulator,
    opened,
    dir,
    write,
    async source(rows) {
      const insert =
        rows.length === 0
          ? []
          : [
              `insert into backfeed.customers (customer_id, name, email, ltv, segment, is_active, churned, clear_segment, joined_on, seen_at) values ${rows.join(', ')}`,
            ]
      await opened.warehouse.atomic(['delete from backfeed.customers', ...insert], statement('source'))
      await opened.warehouse.release()
    },
    async execute(verb, sync, more) {
      const { syncs: results } = await execute(verb, [sync], more)
      if (!results[0]) throw new Error('no result')
      return results[0]
    },
    executeAll: (verb) => execute(verb, undefined),
    async query(sql) {
      const rows = await opened.warehouse.rows(sql, { ...statement('query'), max: 10_000 })
      await opened.warehouse.release()
      return rows
    },
    async close() {
      await opened.drop()
      await emulator.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function executor(dir: string, emulator: TestEmulator) {
  return (
    verb: Verb,
    names?: string[],
    more: { allowance?: Allowance; runKey?: string; signal?: AbortSignal } = {},
  ) => {
    const project = loadProject({ dir, env: {} })
    const target = project.targets.get('dev')
    if (!target) throw new Error('target dev')
    const syncs = [...project.syncs.values()].filter((sync) => !names || names.includes(sync.name))
    return executeSyncs({
      verb,
      project,
      target,
      env: {},
      ports: systemPorts(),
      signal: new AbortController().signal,
      onEvent: () => {},
      emulatorUrl: emulator.url,
      syncs,
      report: { samples: 10, requests: verb === 'plan' },
      ...more,
    })
  }
}

const salesforceFields = [
  { name: 'Customer_Id__c', type: 'string', length: 40, externalId: true, unique: true },
  { name: 'LTV__c', type: 'currency', precision: 18, scale: 2 },
  {
    name: 'Segment__c',
    type: 'picklist',
    restrictedPicklist: true,
    picklistValues: ['power', 'core', 'light'].map((value) => ({
      value,
      label: value,
      active: true,
      defaultValue: false,
    })),
  },
  { name: 'Active__c', type: 'boolean' },
  { name: 'Churn__c', type: 'string', length: 20 },
  { name: 'Joined__c', type: 'date' },
  { name: 'Seen__c', type: 'datetime' },
  { name: 'Note__c', type: 'string', length: 80 },
]

const hubspotProperties = [
  { name: 'segment', type: 'string', fieldType: 'text' },
  { name: 'ltv', type: 'number', fieldType: 'number' },
  { name: 'joined', type: 'date', fieldType: 'date' },
  { name: 'seen', type: 'datetime', fieldType: 'date' },
  {
    name: 'is_active',
    type: 'bool',
    fieldType: 'booleancheckbox',
    options: [
      { value: 'true', label: 'Yes' },
      { value: 'false', label: 'No' },
    ],
  },
]

/** A row of the source as a VALUES tuple; what is left out is null. */
export function customer(row: {
  id: string | null
  name?: string
  email?: string
  ltv?: number
  segment?: string
  active?: boolean
  churned?: string
  clearSegment?: boolean
  joined?: string
  seen?: string
}): string {
  const text = (value: string | null | undefined) =>
    value === undefined || value === null ? 'null' : `'${value.replaceAll("'", "''")}'`
  const cells = [
    text(row.id),
    text(row.name ?? `Customer ${row.id}`),
    text(row.email),
    row.ltv ?? 'null',
    text(row.segment),
    row.active ?? 'true',
    text(row.churned),
    row.clearSegment ?? 'null',
    row.joined ? `date '${row.joined}'` : 'null',
    row.seen ? `timestamp '${row.seen}'` : 'null',
  ]
  return `(${cells.join(', ')})`
}
