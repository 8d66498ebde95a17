import { describe, expect, test } from 'vitest'
import type { FieldDescription } from '../../../runner/destination/destination.ts'
import type { FieldMapping, Sync } from '../../../runner/project/project.ts'
import { preflight } from '../../../runner/sync/preflight.ts'
import type { Column, FieldType } from '../../../runner/warehouse/warehouse.ts'
import { field, sync } from '../../support/sync-fixture.ts'

const described = (name: string, change: Partial<FieldDescription> = {}): FieldDescription => ({
  name,
  label: name,
  vendorType: 'string',
  kind: 'string',
  createable: true,
  updateable: true,
  requiredOnCreate: false,
  unique: false,
  matchable: false,
  caseSensitive: true,
  ...change,
})

const column = (name: string, kind: FieldType['kind'], declared: string = kind): Column => ({
  name,
  declared,
  type: { kind, declared } as FieldType,
})

const key = described('Customer_Id__c', { unique: true, matchable: true })
const columns = [
  column('customer_id', 'text'),
  column('ltv', 'decimal'),
  column('score', 'float', 'double'),
  column('flag', 'text'),
  column('at', 'timestamp'),
]
const description = [
  key,
  described('LTV__c', { kind: 'number', vendorType: 'currency', label: 'Lifetime Value' }),
  described('Note__c'),
]

function codes(fields: FieldMapping[], change: { sync?: Partial<Sync>; description?: FieldDescription[] } = {}) {
  const problems = preflight({
    sync: sync({ fields, ...change.sync }),
    model: 'crm_accounts',
    columns,
    description: change.description ?? description,
  })
  return problems.map((problem) => `${problem.code}${problem.hint ? ` (${problem.hint})` : ''}`)
}

describe('preflight', () => {
  test('a mapping that fits has no problem', () => {
    expect(codes([field('LTV__c', 'ltv'), field('Note__c', 'customer_id')])).toEqual([])
  })

  test('F73 a field the CRM does not have, with the nearest name', () => {
    expect(codes([field('LTV__C', 'ltv')])).toEqual(['E-MAP-UNKNOWN-FIELD (did you mean "LTV__c"?)'])
  })

  test('a label instead of an API name', () => {
    expect(codes([field('Lifetime Value', 'ltv')])).toEqual(['E-MAP-LABEL'])
  })

  test('a column the model does not have', () => {
    expect(codes([field('LTV__c', 'ltvv')])).toEqual(['E-MAP-COLUMN (did you mean "ltv"?)'])
  })

  test('a float is refused with the cast to write', () => {
    const [problem] = preflight({
      sync: sync({ fields: [field('LTV__c', 'score')] }),
      model: 'm',
      columns,
      description,
    })
    expect(problem).toMatchObject({ code: 'E-MAP-FLOAT', help: 'cast it in the model: cast(score as decimal(18, 2))' })
  })

  test('a text does not become a number by itself', () => {
    expect(codes([field('LTV__c', 'flag')])).toEqual(['E-MAP-TYPE'])
  })

  test.each([
    ['read-only', { createable: false, updateable: false }, {}, ['E-MAP-READONLY']],
    ['create only, written always', { updateable: false }, {}, ['E-MAP-READONLY']],
    ['create only, written on create', { updateable: false }, { write: 'on_create' }, []],
    ['update only in an upsert', { createable: false }, {}, ['E-MAP-READONLY']],
  ] as const)('writable: %s', (_, change, mapping, expected) => {
    const fields = [{ ...field('LTV__c', 'ltv'), ...mapping }]
    expect(codes(fields, { description: [key, described('LTV__c', { kind: 'number', ...change })] })).toEqual(expected)
  })

  test('a required field that nobody maps', () => {
    const required = [...description, described('Name', { requiredOnCreate: true })]
    expect(codes([field('LTV__c', 'ltv')], { description: required })).toEqual(['E-MAP-REQUIRED'])
    expect(codes([field('LTV__c', 'ltv')], { description: required, sync: { mode: 'update' } })).toEqual([])
  })

  test('creates need a key that the CRM keeps unique', () => {
    const loose = [described('Customer_Id__c', { matchable: true }), ...description.slice(1)]
    expect(codes([field('LTV__c', 'ltv')], { description: loose })).toEqual(['E-MAP-NOKEY'])
    const lookup = { match: { ...sync({}).match, strategy: 'lookup' as const } }
    expect(codes([field('LTV__c', 'ltv')], { sync: lookup })).toEqual(['E-MAP-NOKEY'])
    expect(codes([field('LTV__c', 'ltv')], { sync: { ...lookup, mode: 'update' } })).toEqual([])
  })

  test('clear_when must be boolean, and a timestamp is no key', () => {
    expect(codes([{ ...field('LTV__c', 'ltv'), clearWhen: 'flag' }])).toEqual(['E-NULL-FLAG'])
    expect(codes([field('LTV__c', 'ltv')], { sync: { primaryKey: ['at'] } })).toEqual(['E-KEY-TYPE'])
    expect(codes([field('LTV__c', 'ltv')], { sync: { primaryKey: ['nokey'] } })).toEqual([
      'E-KEY-MISSING (known: customer_id, ltv, score, flag, at)',
    ])
  })

  test('a constant must be among the values of a restricted list', () => {
    const list = [key, described('Source__c', { kind: 'enumeration', allowedValues: ['Web', 'Warehouse'] })]
    const constant = (value: string): FieldMapping => ({
      to: 'Source__c',
      value,
      valueKind: 'text',
      onNull: 'ignore',
      write: 'always',
      at: field('x', 'y').at,
    })
    expect(codes([constant('Warehouse')], { description: list })).toEqual([])
    expect(codes([constant('Warehous')], { description: list })).toEqual([
      'E-DATA-PICKLIST (did you mean "Warehouse"?)',
    ])
  })
})
