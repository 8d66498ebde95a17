import type { Destination, WritePath } from '../../runner/destination/destination.ts'
import { type Ports, systemPorts } from '../../runner/ports.ts'
import type { Connection } from '../../runner/project/project.ts'
import type { TestEmulator } from '../support/emulator.ts'
import { openForTest, realTarget } from '../support/open-for-test.ts'

/** What differs between the CRMs, so that one test body runs on all. A new destination adds one entry to SUBJECTS. */
export interface Subject {
  /** Of the tests. */
  title: string
  type: Connection['type']
  object: string
  orgId: RegExp
  /** What its org says it is: `emulator: true` does not ask. */
  environment: 'emulator' | 'sandbox'
  /** Unique text field; a text field several records may share; plain fields by kind. */
  key: string
  shared: string
  fields: { text: string; number: string; boolean: string; date: string; datetime: string; choice: string }
  readOnly: string
  prepare(emulator: TestEmulator): Promise<void>
  open(emulator: TestEmulator, ports?: Ports): Promise<Destination>
  /** A body fragment as the macros render it. */
  fragment(change: FragmentInput): string
  seed(emulator: TestEmulator, rows: readonly Readonly<Record<string, string>>[]): Promise<readonly string[]>
  stored(emulator: TestEmulator): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** The path of a write in this CRM, for faults. */
  writePath: string
}

export interface FragmentInput {
  path: WritePath
  changeId: string
  /** Key value of an upsert, record id of an update. */
  id?: string
  values: Readonly<Record<string, string | null>>
}

const salesforce: Subject = {
  title: 'salesforce',
  type: 'salesforce',
  object: 'Account',
  orgId: /^00D[A-Za-z0-9]{15}$/,
  environment: 'emulator',
  key: 'Customer_Id__c',
  shared: 'AccountNumber',
  fields: {
    text: 'Name',
    number: 'LTV__c',
    boolean: 'Active__c',
    date: 'Renewal__c',
    datetime: 'Seen_At__c',
    choice: 'Segment__c',
  },
  readOnly: 'CreatedDate',
  writePath: '/services/data/v66.0/composite/sobjects',
  prepare: async ({ control }) => {
    const fields = [
      { name: 'Customer_Id__c', type: 'string', length: 255, externalId: true, unique: true, caseSensitive: true },
      { name: 'LTV__c', type: 'double', precision: 18, scale: 2 },
      { name: 'Active__c', type: 'boolean' },
      { name: 'Renewal__c', type: 'date' },
      { name: 'Seen_At__c', type: 'datetime' },
      {
        name: 'Segment__c',
        type: 'picklist',
        restrictedPicklist: true,
        picklistValues: [{ value: 'power' }, { value: 'light' }],
      },
    ]
    await control.putSchema('salesforce', 'Account', { fields })
  },
  open: ({ url }, ports = systemPorts()) =>
    openForTest({ type: 'salesforce', target: { emulator: true }, emulatorUrl: url, ports }),
  fragment: ({ path, id, values }) => {
    const typed = Object.entries(values).map(([name, value]) => [name, salesforceValue(name, value)])
    const by = path === 'upsert' ? { Customer_Id__c: id } : path === 'update' ? { id } : {}
    return JSON.stringify({ attributes: { type: 'Account' }, ...by, ...Object.fromEntries(typed) })
  },
  seed: ({ control }, rows) =>
    control.putRecords(
      'salesforce',
      'Account',
      rows.map((row) => ({ Name: 'seeded', ...row })),
    ),
  stored: ({ control }) => control.records('salesforce', 'Account'),
}

/** Numbers and booleans travel as such, everything else as text. */
function salesforceValue(name: string, value: string | null): string | number | boolean | null {
  if (value === null || (name !== 'LTV__c' && name !== 'Active__c')) return value
  return name === 'LTV__c' ? Number(value) : value === 'true'
}

/** The same suite on each family of addresses. */
const hubspot = (version: 'v3' | '2026-09'): Subject => ({
  title: `hubspot ${version}`,
  type: 'hubspot',
  object: 'companies',
  orgId: /^\d+$/,
  environment: 'sandbox',
  key: 'customer_id',
  shared: 'domain',
  fields: {
    text: 'name',
    number: 'ltv',
    boolean: 'is_active',
    date: 'renewal',
    datetime: 'seen_at',
    choice: 'segment',
  },
  readOnly: 'createdate',
  writePath: version === 'v3' ? '/crm/v3/objects/companies/batch/' : `/crm/objects/${version}/companies/batch/`,
  prepare: async ({ control }) => {
    const properties = [
      { name: 'customer_id', type: 'string', hasUniqueValue: true },
      { name: 'ltv', type: 'number' },
      { name: 'is_active', type: 'bool' },
      { name: 'renewal', type: 'date' },
      { name: 'seen_at', type: 'datetime' },
      { name: 'segment', type: 'enumeration', fieldType: 'select', options: [{ value: 'power' }, { value: 'light' }] },
    ]
    await control.putSchema('hubspot', 'companies', { properties })
  },
  open: ({ url }, ports = systemPorts()) =>
    openForTest({
      type: 'hubspot',
      target: realTarget('access_token', { base_url: url, access_token: 'any', api_version: version }),
      ports,
    }),
  fragment: ({ path, changeId, id, values }) => {
    const texts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value ?? '']))
    const properties = path === 'upsert' && id !== undefined ? { customer_id: id, ...texts } : texts
    const by = path === 'upsert' ? { id, idProperty: 'customer_id' } : path === 'update' ? { id } : {}
    return JSON.stringify({ objectWriteTraceId: changeId, ...by, properties })
  },
  seed: ({ control }, rows) =>
    control.putRecords(
      'hubspot',
      'companies',
      rows.map((properties) => ({ properties })),
    ),
  stored: async ({ control }) => {
    const rows = await control.records('hubspot', 'companies')
    return rows.map((row) => Object(row.properties))
  },
})

export const SUBJECTS: readonly Subject[] = [salesforce, hubspot('v3'), hubspot('2026-09')]
