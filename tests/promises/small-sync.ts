/** One Salesforce sync over literal rows: what most promises need. */
import { type LiveProject, liveProject, type Rows, valuesModel } from '../support/live-project.ts'

export const COLUMNS = {
  customer_id: 'varchar',
  company_name: 'varchar',
  ltv: 'decimal(18,2)',
  segment: 'varchar',
  risk: 'decimal(5,2)',
}

export const CUSTOMERS: Rows = [
  { customer_id: 'C-1', company_name: 'One', ltv: '10.50', segment: 'power', risk: '1.25' },
  { customer_id: 'C-2', company_name: 'Two', ltv: '20.00', segment: 'core', risk: '2.00' },
  { customer_id: 'C-3', company_name: 'Three', ltv: '30.00', segment: 'light', risk: '3.00' },
]

export const ACCOUNT_SCHEMA = {
  fields: [
    { name: 'Customer_Id__c', type: 'string', length: 20, externalId: true, unique: true, idLookup: true },
    { name: 'LTV__c', type: 'currency', precision: 18, scale: 2 },
    { name: 'Segment__c', type: 'string', length: 40 },
    { name: 'Risk__c', type: 'double', precision: 5, scale: 2 },
    { name: 'Custom_Notes__c', type: 'string', length: 255 },
  ],
}

const MAPPING = [
  '{to: LTV__c, from: ltv}',
  '{to: Segment__c, from: segment}',
  '{to: Name, from: company_name, write: on_create}',
]

export interface SyncOptions {
  fields?: readonly string[]
  /** More keys of the sync, as YAML lines without indentation. */
  more?: readonly string[]
}

export function accountsYaml({ fields = MAPPING, more = [] }: SyncOptions = {}): string {
  const lines = [
    'name: accounts',
    "model: ref('accounts')",
    'primary_key: customer_id',
    'destination: {connection: salesforce, object: Account}',
    'mode: upsert',
    'match: {field: Customer_Id__c, from: customer_id, strategy: external_id}',
    'first_sync: overwrite',
    'fields:',
    ...fields.map((field) => `  - ${field}`),
    ...more,
  ]
  return `version: 1\nsyncs:\n  - ${lines.join('\n    ')}\n`
}

export const MORE_FIELDS = [...MAPPING, '{to: Risk__c, from: risk}']

export const accountsModel = (rows: Rows): string => valuesModel(COLUMNS, rows)

/** The project with its schema in the emulator; nothing has run yet. */
export async function smallSync(rows: Rows = CUSTOMERS, options: SyncOptions = {}): Promise<LiveProject> {
  const project = await liveProject({
    'models/accounts.sql': accountsModel(rows),
    'syncs/accounts.yml': accountsYaml(options),
  })
  await project.control.putSchema('salesforce', 'Account', ACCOUNT_SCHEMA)
  return project
}

/** Elements of all write bodies, in the order they travelled. */
export function sentRecords(writes: readonly { body: unknown }[]): Record<string, unknown>[] {
  return writes.flatMap(({ body }) => {
    if (typeof body !== 'object' || body === null) return []
    const list = 'records' in body ? body.records : 'inputs' in body ? body.inputs : []
    return Array.isArray(list) ? list.map((item: unknown) => ({ ...(typeof item === 'object' ? item : {}) })) : []
  })
}
