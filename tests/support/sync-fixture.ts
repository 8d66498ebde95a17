/** A small valid sync for tests of pure functions; each test changes what it is about. */
import type { FieldMapping, Sync } from '../../runner/project/project.ts'

const at = { file: 'syncs/test.yml', line: 1, column: 1 }

export function field(to: string, from: string, change: Partial<FieldMapping> = {}): FieldMapping {
  return { to, from, onNull: 'ignore', write: 'always', at, ...change }
}

export function sync(change: Partial<Sync>): Sync {
  return {
    name: 'accounts',
    file: 'syncs/test.yml',
    model: { kind: 'ref', name: 'crm_accounts', at },
    primaryKey: ['customer_id'],
    connection: 'salesforce',
    object: 'Account',
    mode: 'upsert',
    match: { field: 'Customer_Id__c', from: 'customer_id', strategy: 'external_id', at },
    fields: [field('LTV__c', 'ltv')],
    ownership: { crm: [], onDrift: 'overwrite' },
    firstSync: 'hold',
    onRemoved: 'nothing',
    validate: [],
    guards: {
      minSourceRows: 1,
      maxSourceDrop: { percent: 20 },
      maxCreates: { percent: 5 },
      maxUpdates: { percent: 20 },
      maxClears: { percent: 1 },
      maxDeletes: { count: 0 },
      maxQuarantined: { percent: 5 },
      maxRejected: { percent: 5 },
      maxFieldClears: { percent: 50 },
      maxConflicts: { percent: 10 },
      maxEqualErrors: 10,
      canaryRows: 25,
      explicit: [],
    },
    limits: { concurrency: 2 },
    dependsOn: [],
    tags: [],
    audit: { values: 'full', sensitive: {} },
    at,
    rendered: {},
    ...change,
  }
}
