/** The three ways in which changes travel, each as one sync over one table: key, plan and note; people own `owned`. */
import type { CrmName } from '../../../emulator/core/crm.ts'
import { openGuards, type ProcessLab, quoted } from './process-lab.ts'

export type LegName = 'collections' | 'bulk' | 'hubspot'

export interface Leg {
  name: LegName
  crm: CrmName
  object: string
  /** API names. */
  key: string
  mapped: readonly string[]
  /** Owned by people: never in a request. */
  owned: string
  sync(name: string, more?: string): string
  prepare(lab: ProcessLab): Promise<void>
}

const salesforceFields = [
  { name: 'Key__c', type: 'string', length: 60, externalId: true, unique: true },
  { name: 'Plan__c', type: 'string', length: 80 },
  { name: 'Note__c', type: 'string', length: 80 },
  { name: 'Owned__c', type: 'string', length: 80 },
]

function salesforceLeg(name: LegName, limits: string): Leg {
  return {
    name,
    crm: 'salesforce',
    object: 'Account',
    key: 'Key__c',
    mapped: ['Name', 'Plan__c', 'Note__c'],
    owned: 'Owned__c',
    sync: (sync, more = '') => `  - name: ${sync}
    model: source('app', 'rows_${sync}')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields:
      - {to: Name, from: id, write: on_create}
      - {to: Plan__c, from: plan}
      - {to: Note__c, from: note, on_null: clear}
    ownership: {crm: [Owned__c]}
    limits: {${limits}}
    ${openGuards}
${more}`,
    prepare: (lab) => lab.emulator.control.putSchema('salesforce', 'Account', { fields: salesforceFields }),
  }
}

const hubspotLeg: Leg = {
  name: 'hubspot',
  crm: 'hubspot',
  object: 'companies',
  key: 'customer_key',
  mapped: ['name', 'plan', 'note'],
  owned: 'owned',
  sync: (sync, more = '') => `  - name: ${sync}
    model: source('app', 'rows_${sync}')
    primary_key: id
    destination: {connection: hubspot, object: companies}
    mode: upsert
    match: {field: customer_key, from: id, strategy: unique_property}
    fields:
      - {to: name, from: id, write: on_create}
      - {to: plan, from: plan}
      - {to: note, from: note, on_null: clear}
    ownership: {crm: [owned]}
    limits: {batch_size: 5, concurrency: 1}
    ${openGuards}
${more}`,
  prepare: (lab) =>
    lab.emulator.control.putSchema('hubspot', 'companies', {
      properties: [
        { name: 'customer_key', type: 'string', hasUniqueValue: true },
        { name: 'plan', type: 'string' },
        { name: 'note', type: 'string' },
        { name: 'owned', type: 'string' },
      ],
    }),
}

export const LEGS: Readonly<Record<LegName, Leg>> = {
  collections: salesforceLeg('collections', 'batch_size: 5, concurrency: 1'),
  bulk: salesforceLeg('bulk', 'batch_size: 5, concurrency: 1, bulk_above: 3'),
  hubspot: hubspotLeg,
}

export type Row = readonly [id: string, plan: string | null, note?: string | null]

export function createTable(sync: string): string {
  return `create table backfeed.rows_${sync} (id varchar(60), plan varchar(80), note varchar(80))`
}

export function fillTable(sync: string, rows: readonly Row[]): string[] {
  const values = rows.map(([id, plan, note]) => `(${quoted(id)}, ${quoted(plan)}, ${quoted(note)})`)
  const clear = `delete from backfeed.rows_${sync}`
  return rows.length === 0 ? [clear] : [clear, `insert into backfeed.rows_${sync} values ${values.join(', ')}`]
}
