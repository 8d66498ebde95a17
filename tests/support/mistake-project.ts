/** A project of two small syncs, one mistake at a time, and everything that must hold for the report of any mistake. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ProblemJson } from '../../runner/render-problems.ts'
import { openWarehouse } from '../../runner/warehouse/registry.ts'
import type { Warehouse as OpenWarehouse, WarehouseSettings } from '../../runner/warehouse/warehouse.ts'
import { type CliResult, runCli } from './in-process-cli.ts'
import { isWrite, type LiveProject, liveProject, projectYaml, SECRETS } from './live-project.ts'
import { statement } from './warehouses.ts'

/** Stand in the models' rows and may stand nowhere else. */
export const ROW_VALUES = ['Zanzibar Widgets', 'Quetzal Foods', 'ZW-77801', 'QF-77802', '4711.25', 'zeta-tier']

export const ACCOUNTS_SQL = `select
  customer_id,
  company_name,
  ltv,
  segment,
  score,
  cleared
from (values
  ('ZW-77801', 'Zanzibar Widgets', cast(4711.25 as decimal(18, 2)), 'zeta-tier', cast(0.5 as double precision), false),
  ('QF-77802', 'Quetzal Foods', cast(12.00 as decimal(18, 2)), 'core', cast(0.7 as double precision), true)
) as given(customer_id, company_name, ltv, segment, score, cleared)
`

export const ACCOUNTS_YML = `version: 1
syncs:
  - name: accounts
    model: ref('accounts')
    primary_key: customer_id
    destination:
      connection: salesforce
      object: Account
    mode: upsert
    match:
      field: Customer_Id__c
      from: customer_id
      strategy: external_id
    first_sync: overwrite
    fields:
      - to: LTV__c
        from: ltv
      - to: Segment__c
        from: segment
        clear_when: cleared
      - to: Name
        from: company_name
        write: on_create
    validate:
      - column: ltv
        rule: between
        min: 0
      - name: has_segment
        expression: "segment <> ''"
    guards:
      max_quarantined: 100%
      max_creates: 1000
`

export const COMPANIES_SQL = `select customer_id as company_key, company_name, segment
from {{ ref('accounts') }}
`

export const COMPANIES_YML = `version: 1
syncs:
  - name: companies
    model: ref('companies')
    primary_key: company_key
    destination:
      connection: hubspot
      object: companies
    mode: upsert
    match:
      field: company_key
      from: company_key
      strategy: unique_property
    first_sync: overwrite
    fields:
      - to: name
        from: company_name
      - to: segment
        from: segment
`

const ACCOUNT_SCHEMA = {
  fields: [
    { name: 'Customer_Id__c', type: 'string', length: 20, externalId: true, unique: true, idLookup: true },
    { name: 'Loose_Id__c', type: 'string', length: 20, externalId: true, idLookup: true },
    { name: 'LTV__c', label: 'Lifetime Value', type: 'currency', precision: 18, scale: 2 },
    { name: 'Segment__c', type: 'string', length: 40 },
    { name: 'Health__c', type: 'double', precision: 18, scale: 2, calculated: true },
    { name: 'Locked__c', type: 'string', length: 20, createable: false, updateable: false },
    picklist('Tier__c', ['Gold', 'Silver', 'Bronze']),
  ],
}

function picklist(name: string, values: readonly string[]): object {
  const picklistValues = values.map((value) => ({ value, label: value, active: true, defaultValue: false }))
  return { name, type: 'picklist', restrictedPicklist: true, picklistValues }
}

const COMPANY_SCHEMA = {
  properties: [
    { name: 'company_key', type: 'string', fieldType: 'text', hasUniqueValue: true },
    { name: 'segment', type: 'string', fieldType: 'text' },
  ],
}

export const PROJECT_FILE = 'project.yml'

export interface Place {
  file: string
  line: number
  column: number
}

/** What a user reads. Every member was checked for what must hold of every report. */
export interface Told {
  exit: number
  problems: readonly ProblemJson[]
  /** Requests the CRMs received, reads included. */
  requests: number
  stdout: string
  stderr: string
  json: CliResult['json']
}

/** Text to replace per file; `null` deletes the file, a string writes it. */
export type Changes = Readonly<Record<string, readonly (readonly [from: string, to: string])[] | string | null>>

export interface MistakeProject extends LiveProject {
  /** A file as it stands now. */
  text(file: string): string
  /** Asks the warehouse itself, as text cells; changes it. */
  query(sql: string): Promise<readonly (readonly (string | null)[])[]>
  execute(sql: string): Promise<void>
  /** Changes files, runs `backfeed … --output json` and puts the files back. */
  tell(changes: Changes, argv?: readonly string[]): Promise<Told>
  /** The same without a change, for runs that are meant to send something. */
  tellWrites(argv: readonly string[]): Promise<Told>
  /** Place of a text as `change` leaves it; the first occurrence. */
  change(changes: Changes): { at(file: string, text: string): Place; tell(...argv: string[]): Promise<Told> }
}

export interface Warehouse {
  type: 'duckdb' | 'postgres'
  settings: WarehouseSettings
}

const FILES: Readonly<Record<string, string>> = {
  'models/accounts.sql': ACCOUNTS_SQL,
  'models/companies.sql': COMPANIES_SQL,
  'syncs/accounts.yml': ACCOUNTS_YML,
  'syncs/companies.yml': COMPANIES_YML,
}

export async function mistakeProject(warehouse?: Warehouse): Promise<MistakeProject> {
  const live = await liveProject(FILES)
  const base = projectYaml(live.crmUrl).replace(/ {2}test: \{type: .*/, (line) => targetLine(line, warehouse))
  live.write('project.yml', base)
  await live.control.putSchema('salesforce', 'Account', ACCOUNT_SCHEMA)
  await live.control.putSchema('hubspot', 'companies', COMPANY_SCHEMA)
  const files: Readonly<Record<string, string>> = { ...FILES, 'project.yml': base }
  const tell = async (changes: Changes, argv: readonly string[] = ['run']): Promise<Told> => {
    for (const [file, change] of Object.entries(changes)) apply(live, { file, change, before: files[file] })
    try {
      return await reported(live, argv)
    } finally {
      for (const file of Object.keys(changes)) apply(live, { file, change: files[file] ?? null, before: undefined })
    }
  }
  const { type, settings } = warehouse ?? { type: 'duckdb' as const, settings: { path: 'target/test.duckdb' } }
  const inWarehouse = async <T>(work: (opened: OpenWarehouse) => Promise<T>): Promise<T> => {
    const opened = await openWarehouse({ type, settings }, { projectDir: live.dir })
    return work(opened).finally(() => opened.close())
  }
  return {
    ...live,
    tell,
    tellWrites: (argv) => reported(live, argv, { mayWrite: true }),
    text: (file) => readFileSync(join(live.dir, file), 'utf8'),
    query: (sql) => inWarehouse((opened) => opened.rows(sql, { ...statement('query'), max: 1_000 })),
    execute: (sql) => inWarehouse(async (opened) => void (await opened.exec(sql, statement('execute')))),
    change: (changes) => ({
      at: (file, text) => placeOf(file, changed(changes[file] ?? [], files[file]) ?? '', text),
      tell: (...argv) => tell(changes, argv.length === 0 ? ['run'] : argv),
    }),
  }
}

function targetLine(line: string, warehouse: Warehouse | undefined): string {
  if (warehouse === undefined) return line
  const { password, ...settings } = warehouse.settings
  if (password !== undefined) WAREHOUSE_SECRETS.TEST_WAREHOUSE_PASSWORD = String(password)
  const login = password === undefined ? {} : { password: "{{ env_var('TEST_WAREHOUSE_PASSWORD') }}" }
  return `  test: ${JSON.stringify({ type: warehouse.type, schema: 'backfeed', ...settings, ...login })}`
}

const WAREHOUSE_SECRETS: Record<string, string> = {}

interface FileChange {
  file: string
  change: Changes[string]
  before: string | undefined
}

function apply(live: LiveProject, { file, change, before }: FileChange): void {
  const text = changed(change, before)
  if (text === null) rmSync(join(live.dir, file), { force: true })
  else live.write(file, text)
}

function changed(change: Changes[string], before = ''): string | null {
  if (change === null || typeof change === 'string' || change === undefined) return change ?? null
  return change.reduce((text, [from, to]) => {
    expect(text, 'the text to replace').toContain(from)
    return text.replace(from, () => to)
  }, before)
}

export function placeOf(file: string, text: string, part: string): Place {
  const offset = text.indexOf(part)
  expect(offset, `${file} holds ${part}`).toBeGreaterThanOrEqual(0)
  const before = text.slice(0, offset)
  return { file, line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

async function reported(live: LiveProject, argv: readonly string[], { mayWrite = false } = {}): Promise<Told> {
  await live.control.clearJournal()
  const result = await runCli({ cwd: live.dir, env: { ...SECRETS, ...WAREHOUSE_SECRETS } }, [
    ...argv,
    '--output',
    'json',
  ])
  const journal = await live.control.journal()
  const problems = checkReport(result)
  if (!mayWrite) expect(journal.filter(isWrite), 'a mistake sends nothing').toEqual([])
  const { exit, stdout, stderr, json } = result
  return { exit, problems, requests: journal.length, stdout, stderr, json }
}

/** What must hold of every report, whatever went wrong. Returns the problems of the JSON line. */
export function checkReport({ exit, stdout, stderr, json }: CliResult): ProblemJson[] {
  const told = stderr + stdout
  expect(stderr, 'no stack trace').not.toMatch(/^\s+at .+[:(]\d+/m)
  expect(stderr).not.toContain('E-INTERNAL')
  for (const hidden of [...Object.values(SECRETS), ...Object.values(WAREHOUSE_SECRETS), ...ROW_VALUES])
    expect(told).not.toContain(hidden)
  expect(json, 'the last line of stdout is JSON').toMatchObject({ exit })
  const problems = Array.isArray(json.problems) ? (json.problems as ProblemJson[]) : []
  const codes = [...stderr.matchAll(/^error (E-[A-Z-]+)/gm)].map(([, code]) => code)
  expect(codes, 'stderr and JSON tell the same').toEqual(
    problems.filter(({ severity }) => severity === 'error').map(({ code }) => code),
  )
  return problems
}
