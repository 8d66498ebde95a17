/** Two syncs whose rows hold a value of its own for every way of keeping values, and CRMs that quote them back. */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openWarehouse } from '../../runner/warehouse/registry.ts'
import type { WarehouseSettings } from '../../runner/warehouse/warehouse.ts'
import { cleanEnvironment, crashingCli } from '../support/built-cli.ts'
import type { CliResult } from '../support/in-process-cli.ts'
import { type LiveProject, liveProject, projectYaml, SECRETS } from '../support/live-project.ts'
import type { Place } from '../support/seeded-values.ts'
import { statement, type TestWarehouseName, type WarehouseUnderTest } from '../support/warehouses.ts'

/** Kept less than in full: may stand in no output, file, log, and in no table but those that deltas are computed from. */
export const HIDDEN = {
  masked: 'Quillfeather "Mask" välue/qx?',
  'masked in the CRM': 'Crm-Mask-Zephyrine & co',
  hashed: "Hash-o'Drummle & Sons +1",
  'hashed in the CRM': 'Crm-Hash-Oblomov',
  omitted: 'Omit-Skimpole, 4711-8899-22',
  'omitted in the CRM': 'Crm-Omit-Vholes',
  'masked key': 'pardiggle.borrioboola@gha.example',
  'too long': 'Turveydrop-deportment-model-of-the-age',
  'in an error of the warehouse': 'Guppy-not-a-number',
}

/** Kept in full: in the audit, and where a person asks for values; in no log, artifact or error. */
export const FULL = { full: 'Full-Jarndyce-and-Jarndyce', 'full in the CRM': 'Crm-Full-Chancery' }

const ACCOUNT = {
  fields: [
    { name: 'Customer_Id__c', type: 'string', length: 20, externalId: true, unique: true, idLookup: true },
    { name: 'Masked__c', type: 'string', length: 35 },
    { name: 'Hashed__c', type: 'string', length: 80 },
    { name: 'Omitted__c', type: 'string', length: 80 },
    { name: 'Full__c', type: 'string', length: 80 },
  ],
}

const COLUMNS = 'customer_id,email,masked,hashed,omitted,full_text'

function csv(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','))
  return `${COLUMNS}\n${lines.join('\n')}\n`
}

const row = (id: string, masked = HIDDEN.masked, full = FULL.full): string[] => [
  id,
  id === 'C-1' ? HIDDEN['masked key'] : `${id.toLowerCase()}@one.example`,
  masked,
  HIDDEN.hashed,
  HIDDEN.omitted,
  full,
]

/** Good rows, one that is too long for its field and one key twice. */
export function customers(suffix = ''): string {
  const good = Array.from({ length: 6 }, (_, n) =>
    row(`C-${n + 1}`, `${HIDDEN.masked}${suffix}`, `${FULL.full}${suffix}`),
  )
  return csv([...good, row('C-8', HIDDEN['too long']), row('C-9'), row('C-9')])
}

const GUARDS =
  'guards: {canary_rows: 0, max_creates: 100%, max_updates: 100%, max_clears: 100%, max_field_clears: 100%, max_conflicts: 100%, max_quarantined: 100%, max_rejected: 100%, max_source_drop: 100%}'

const SYNCS = `version: 1
syncs:
  - name: accounts
    model: ref('accounts')
    primary_key: customer_id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Customer_Id__c, from: customer_id, strategy: external_id}
    first_sync: overwrite
    fields:
      - {to: Name, value: made, write: on_create}
      - {to: Masked__c, from: masked}
      - {to: Hashed__c, from: hashed}
      - {to: Omitted__c, from: omitted}
      - {to: Full__c, from: full_text}
    audit: {sensitive: {masked: mask, hashed: hash, omitted: omit}}
    limits: {batch_size: 2, concurrency: 1}
    ${GUARDS}
  - name: people
    model: ref('people')
    primary_key: email
    destination: {connection: hubspot, object: contacts}
    mode: upsert
    match: {field: email, from: email, strategy: unique_property}
    first_sync: overwrite
    fields:
      - {to: company, from: masked}
      - {to: jobtitle, from: hashed}
    audit: {sensitive: {masked: mask, hashed: hash}}
    limits: {batch_size: 2, concurrency: 1}
    ${GUARDS}
`

const PEOPLE = `version: 2
models:
  - name: people
    columns:
      - {name: email, data_type: varchar, semantic_type: email}
`

/** `full_text` of the model, as an expression over the seed. */
export const accountsSql = (full = 'full_text'): string =>
  `select customer_id, masked, hashed, omitted, ${full} as full_text from {{ ref('customers') }}\n`

const MODELS = {
  'models/accounts.sql': accountsSql(),
  'models/people.sql': "select email, masked, hashed from {{ ref('customers') }} where customer_id <> 'C-9'\n",
  'models/people.yml': PEOPLE,
}

/** The warehouse's is added where it has one. */
export const SEEDED_SECRETS = {
  ...SECRETS,
  BACKFEED_AUDIT_KEY: 'audit-key-sEcReT/+=tulkinghorn',
  SF_CLIENT_SECRET: '7F00D5EC2E7-krook-client-secret',
  SF_PRIVATE_KEY:
    '-----BEGIN PRIVATE KEY-----\nMIIsnagsbynotakeyatallbutlongenoughtobesought\n-----END PRIVATE KEY-----',
  WRONG_PASSWORD: "pa'ss wörd/jellyby",
}

export interface SeededWorld {
  project: LiveProject
  /** By name of the environment variable. */
  secrets: Readonly<Record<string, string>>
  /** Everything that was printed so far, by command. */
  outputs: Place[]
  cli(...argv: string[]): Promise<CliResult>
  /** Dies by SIGKILL at a crash point; its temporary files are in tmp/ of the project. */
  killed(point: string, ...argv: string[]): Promise<NodeJS.Signals | null>
  /** The project's own configuration again; another one with an argument. */
  configure(projectYaml?: string): void
  syncs(change?: (text: string) => string): void
  /** Every table and view but the warehouse's own, as `schema.name`, with all cells. */
  tables(): Promise<Place[]>
  close(): Promise<void>
}

const PASSWORD = "{{ env_var('TEST_WAREHOUSE_PASSWORD') }}"

export async function seededWorld(under: WarehouseUnderTest): Promise<SeededWorld> {
  const { settings, drop } = await under.settings()
  const { password, ...plain } = settings
  const target = { type: under.name, schema: 'backfeed', ...plain, ...(password ? { password: PASSWORD } : {}) }
  const secrets = { ...SEEDED_SECRETS, ...(password ? { TEST_WAREHOUSE_PASSWORD: String(password) } : {}) }
  const project = await liveProject({ 'seeds/customers.csv': customers(), ...MODELS, 'syncs/syncs.yml': SYNCS })
  mkdirSync(join(project.dir, 'tmp'))
  const own = projectYaml(project.crmUrl).replace(/\{type: duckdb.*\}/, JSON.stringify(target))
  project.write('project.yml', own)
  await project.control.putSchema('salesforce', 'Account', ACCOUNT)
  const outputs: Place[] = []
  const keep = (argv: readonly string[], stdout: string, stderr: string): void => {
    const command = `${outputs.length / 2}: ${argv.join(' ')}`
    outputs.push({ where: `stdout of ${command}`, text: stdout }, { where: `stderr of ${command}`, text: stderr })
  }
  return {
    project,
    secrets,
    outputs,
    async cli(...argv) {
      const result = await project.cliWith(secrets, ...argv)
      keep(argv, result.stdout, result.stderr)
      return result
    },
    async killed(point, ...argv) {
      const env = cleanEnvironment({ ...secrets, TMPDIR: join(project.dir, 'tmp') })
      const ended = await dieAt(point, argv, { cwd: project.dir, env })
      keep(argv, ended.stdout, ended.stderr)
      return ended.signal
    },
    configure: (text = own) => project.write('project.yml', text),
    syncs: (change = (text) => text) => project.write('syncs/syncs.yml', change(SYNCS)),
    tables: () => tablesOf({ type: under.name, settings }),
    close: async () => {
      await project.close()
      await drop()
    },
  }
}

interface Ended {
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

async function dieAt(
  point: string,
  argv: readonly string[],
  place: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Ended> {
  const child = spawn(process.execPath, [await crashingCli(), '--crash-at', point, '--', ...argv], {
    ...place,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    texts.stdout += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    texts.stderr += String(chunk)
  })
  return new Promise((resolve) => child.on('close', (_, signal) => resolve({ ...texts, signal })))
}

async function tablesOf(target: { type: TestWarehouseName; settings: WarehouseSettings }): Promise<Place[]> {
  const warehouse = await openWarehouse(target, { projectDir: tmpdir() })
  const rows = (sql: string) => warehouse.rows(sql, { ...statement('search'), max: 10_000 })
  try {
    const names = await rows(
      "select table_schema || '.' || table_name from information_schema.tables where table_schema not in ('information_schema', 'pg_catalog')",
    )
    const places: Place[] = []
    for (const [name] of names) {
      const cells = await rows(`select * from ${name}`)
      places.push({ where: name ?? '', text: cells.map((row) => row.map((cell) => cell ?? '').join(' | ')).join('\n') })
    }
    return places
  } finally {
    await warehouse.close()
  }
}

/** What Salesforce says about a row, with everything it was sent in it. */
export function quotingError(): object {
  const { masked, hashed, omitted } = HIDDEN
  const message = `"${masked}" of ${hashed} is not allowed: ${JSON.stringify(masked)}, ${omitted.toUpperCase()}; see ${encodeURIComponent(masked)} and ${Buffer.from(masked).toString('base64')} (${FULL.full})`
  return {
    success: false,
    errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message, fields: ['Masked__c'] }],
  }
}
