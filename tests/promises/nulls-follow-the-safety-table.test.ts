import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LiveProject, liveProject, valuesModel } from '../support/live-project.ts'
import { type CrmName, type Mode, type NullCase, readNullTable } from './null-table.ts'

const CASES = readNullTable()
const CRMS: readonly CrmName[] = ['salesforce', 'hubspot']
const MODES: readonly Mode[] = ['upsert', 'update', 'create']

/** One sync per crm, mode, on_null and with or without clear_when, each with an object of its own: only one sync may create records of an object. */
const slug = (one: NullCase): string =>
  `${one.mode}_${one.onNull}_${one.clearWhen === 'not given' ? 'plain' : 'flagged'}`
const syncName = (one: NullCase): string => `${one.crm}_${slug(one)}`
const object = (one: NullCase): string => (one.crm === 'hubspot' ? `nulls_${slug(one)}` : `Nulls_${slug(one)}__c`)
const key = (one: NullCase): string => `${one.clearWhen.replace(' ', '_')}_${one.hasRecord ? 'held' : 'new'}`
const FIELDS = {
  salesforce: { match: 'Key__c', strategy: 'external_id', given: 'Given__c' },
  hubspot: { match: 'row_key', strategy: 'unique_property', given: 'given' },
} as const
const SCHEMAS = {
  salesforce: {
    fields: [
      { name: 'Key__c', type: 'string', length: 80, externalId: true, unique: true, idLookup: true },
      { name: 'Given__c', type: 'string', length: 40 },
    ],
  },
  hubspot: {
    properties: [
      { name: 'row_key', type: 'string', fieldType: 'text', hasUniqueValue: true },
      { name: 'given', type: 'string', fieldType: 'text' },
    ],
  },
} as const

const casesOf = (crm: CrmName): NullCase[] => CASES.filter((one) => one.crm === crm)

function groups(crm: CrmName): Map<string, NullCase[]> {
  const grouped = new Map<string, NullCase[]>()
  for (const one of casesOf(crm)) grouped.set(syncName(one), [...(grouped.get(syncName(one)) ?? []), one])
  return grouped
}

function syncYaml(cases: readonly NullCase[]): string {
  const [one] = cases
  if (one === undefined) return ''
  const { match, strategy, given } = FIELDS[one.crm]
  const flag = one.clearWhen === 'not given' ? '' : ', clear_when: is_cleared'
  return `
  - name: ${syncName(one)}
    model: ref('${syncName(one)}')
    primary_key: row_id
    destination: {connection: ${one.crm}, object: ${object(one)}}
    mode: ${one.mode}
    match: {field: ${match}, from: row_id, strategy: ${strategy}}
    first_sync: overwrite
    fields:
      - {to: ${given}, from: given, on_null: ${one.onNull}${flag}}
    guards: {max_creates: 100%, max_updates: 100%, max_clears: 100%, max_quarantined: 100%}
`
}

function model(cases: readonly NullCase[]): string {
  const rows = cases.map((one) => ({ row_id: key(one), given: null, is_cleared: one.clearWhen === 'true' }))
  return valuesModel({ row_id: 'varchar', given: 'varchar', is_cleared: 'boolean' }, rows)
}

async function prepareCrm(project: LiveProject): Promise<void> {
  for (const crm of CRMS) {
    const { match, given } = FIELDS[crm]
    for (const cases of groups(crm).values()) {
      const [one] = cases
      if (one === undefined) continue
      await project.control.putSchema(crm, object(one), SCHEMAS[crm])
      const held = cases.filter((each) => each.hasRecord).map((each) => ({ [match]: key(each), [given]: 'old' }))
      await project.control.putRecords(crm, object(one), held)
    }
  }
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
    for (const one of CASES) {
      const records = await project.control.records(one.crm, object(one))
      stored.set(`${syncName(one)} ${key(one)}`, storedValue(one, records))
    }
  }, 300_000)

  afterAll(() => project.close())

  test('the table covers every combination', () => {
    expect(CASES).toHaveLength(3 * 3 * 2 * MODES.length * CRMS.length)
  })

  for (const one of CASES) {
    test(`${one.crm} ${one.mode}, on_null ${one.onNull}, clear_when ${one.clearWhen}, ${one.hasRecord ? 'a' : 'no'} record: ${one.stored}`, () => {
      expect(stored.get(`${syncName(one)} ${key(one)}`)).toBe(one.stored)
    })
  }
})

function storedValue(one: NullCase, records: readonly Record<string, unknown>[]): NullCase['stored'] {
  const { match, given } = FIELDS[one.crm]
  const flat = records.map(
    ({ properties, ...own }): Record<string, unknown> => ({
      ...own,
      ...(typeof properties === 'object' ? properties : {}),
    }),
  )
  const record = flat.find((candidate) => candidate[match] === key(one))
  if (record === undefined) return 'no record'
  return record[given] === null || record[given] === undefined || record[given] === '' ? 'empty' : 'old'
}
