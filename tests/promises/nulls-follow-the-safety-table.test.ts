import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LiveProject, liveProject, valuesModel } from '../support/live-project.ts'
import { type CrmName, type Mode, type NullCase, readNullTable } from './null-table.ts'

const CASES = readNullTable()
const CRMS: readonly CrmName[] = ['salesforce', 'hubspot']
const MODES: readonly Mode[] = ['upsert', 'update', 'create']

/** One sync per crm, mode, on_null and with or without clear_when; each has its own match values and its own field. */
const slug = (one: NullCase): string =>
  `${one.mode}_${one.onNull}_${one.clearWhen === 'not given' ? 'plain' : 'flagged'}`
const syncName = (one: NullCase): string => `${one.crm}_${slug(one)}`
const key = (one: NullCase): string =>
  `${slug(one)}_${one.clearWhen.replace(' ', '')}_${one.hasRecord ? 'held' : 'new'}`.toLowerCase()
const match = (one: NullCase): string => (one.crm === 'hubspot' ? `${key(one)}@acme.example` : key(one))
const field = (one: NullCase): string => (one.crm === 'hubspot' ? `f_${slug(one)}` : `F_${slug(one)}__c`)

const casesOf = (crm: CrmName): NullCase[] => CASES.filter((one) => one.crm === crm)

function groups(crm: CrmName): Map<string, NullCase[]> {
  const grouped = new Map<string, NullCase[]>()
  for (const one of casesOf(crm)) grouped.set(syncName(one), [...(grouped.get(syncName(one)) ?? []), one])
  return grouped
}

function syncYaml(cases: readonly NullCase[]): string {
  const [one] = cases
  if (one === undefined) return ''
  const crm =
    one.crm === 'salesforce'
      ? { object: 'Account', match: 'Key__c', strategy: 'external_id', name: 'Name' }
      : { object: 'contacts', match: 'email', strategy: 'unique_property', name: 'lastname' }
  const flag = one.clearWhen === 'not given' ? '' : ', clear_when: is_cleared'
  return `
  - name: ${syncName(one)}
    model: ref('${syncName(one)}')
    primary_key: row_id
    destination: {connection: ${one.crm}, object: ${crm.object}}
    mode: ${one.mode}
    match: {field: ${crm.match}, from: match_value, strategy: ${crm.strategy}}
    first_sync: overwrite
    fields:
      - {to: ${field(one)}, from: given, on_null: ${one.onNull}${flag}}
${one.crm === 'salesforce' ? '      - {to: Name, value: Acme, write: on_create}\n' : ''}    guards: {max_creates: 100%, max_updates: 100%, max_clears: 100%, max_quarantined: 100%}
`
}

function model(cases: readonly NullCase[]): string {
  const rows = cases.map((one) => ({
    row_id: key(one),
    match_value: match(one),
    given: null,
    is_cleared: one.clearWhen === 'true',
  }))
  return valuesModel({ row_id: 'varchar', match_value: 'varchar', given: 'varchar', is_cleared: 'boolean' }, rows)
}

async function prepareCrm(project: LiveProject): Promise<void> {
  const text = (crm: CrmName): string[] => [...new Set(casesOf(crm).map(field))]
  await project.control.putSchema('salesforce', 'Account', {
    fields: [
      { name: 'Key__c', type: 'string', length: 80, externalId: true, unique: true, idLookup: true },
      ...text('salesforce').map((name) => ({ name, type: 'string', length: 40 })),
    ],
  })
  await project.control.putSchema('hubspot', 'contacts', {
    properties: text('hubspot').map((name) => ({ name, type: 'string', fieldType: 'text' })),
  })
  const held = (crm: CrmName): NullCase[] => casesOf(crm).filter((one) => one.hasRecord)
  await project.control.putRecords(
    'salesforce',
    'Account',
    held('salesforce').map((one) => ({ Name: 'Acme', Key__c: match(one), [field(one)]: 'old' })),
  )
  await project.control.putRecords(
    'hubspot',
    'contacts',
    held('hubspot').map((one) => ({ email: match(one), [field(one)]: 'old' })),
  )
}

describe('a null erases nothing unless the field says so', () => {
  let project: LiveProject
  const stored = new Map<string, NullCase['stored']>()

  beforeAll(async () => {
    const all = CRMS.flatMap((crm) => [...groups(crm)])
    const models = all.map(([name, cases]) => [`models/${name}.sql`, model(cases)])
    const syncs = CRMS.map((crm) => [
      `syncs/${crm}.yml`,
      `version: 1\nsyncs:${[...groups(crm).values()].map(syncYaml).join('')}`,
    ])
    project = await liveProject(Object.fromEntries([...models, ...syncs]))
    await prepareCrm(project)
    const result = await project.cli('run')
    expect(result.exit, result.stderr).toBe(0)
    const records = {
      salesforce: await project.control.records('salesforce', 'Account'),
      hubspot: await project.control.records('hubspot', 'contacts'),
    }
    for (const one of CASES) stored.set(`${one.crm} ${key(one)}`, storedValue(one, records[one.crm]))
  }, 300_000)

  afterAll(() => project.close())

  test('the table covers every combination', () => {
    expect(CASES).toHaveLength(3 * 3 * 2 * MODES.length * CRMS.length)
  })

  for (const one of CASES) {
    test(`${one.crm} ${one.mode}, on_null ${one.onNull}, clear_when ${one.clearWhen}, ${one.hasRecord ? 'a' : 'no'} record: ${one.stored}`, () => {
      expect(stored.get(`${one.crm} ${key(one)}`)).toBe(one.stored)
    })
  }
})

function storedValue(one: NullCase, records: readonly Record<string, unknown>[]): NullCase['stored'] {
  const flat = records.map(
    (record) =>
      ({ ...record, ...(typeof record.properties === 'object' ? record.properties : {}) }) as Record<string, unknown>,
  )
  const record = flat.find((candidate) => candidate[one.crm === 'hubspot' ? 'email' : 'Key__c'] === match(one))
  if (record === undefined) return 'no record'
  const value = record[field(one)]
  return value === null || value === undefined || value === '' ? 'empty' : 'old'
}
