/** Preflight against a living portal: what is refused before a row is looked at, in which words, with which remedy. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FieldDescription } from '../../runner/destination/destination.ts'
import type { FieldMapping, Sync } from '../../runner/project/project.ts'
import { describeCrm } from '../../runner/sync/describe-crm.ts'
import { fieldLimits } from '../../runner/sync/field-limits.ts'
import { preflight } from '../../runner/sync/preflight.ts'
import type { Column, FieldType } from '../../runner/warehouse/warehouse.ts'
import { startTestEmulator, type TestEmulator } from '../support/emulator.ts'
import { NEVER, openForTest } from '../support/open-for-test.ts'
import { field, sync } from '../support/sync-fixture.ts'

let emulator: TestEmulator

beforeAll(async () => {
  emulator = await startTestEmulator()
  const key = { name: 'ext_id', type: 'string', hasUniqueValue: true }
  const options = [
    { value: 'gold', label: 'Gold' },
    { value: 'old', hidden: true },
  ]
  await emulator.control.putSchema('hubspot', 'contacts', {
    properties: [
      key,
      { name: 'locked', type: 'string', modificationMetadata: { readOnlyValue: true } },
      { name: 'gone', type: 'string', archived: true },
      { name: 'tier', type: 'enumeration', options },
      { name: 'tags', type: 'enumeration', fieldType: 'checkbox', options },
      { name: 'seats', type: 'number' },
      { name: 'opt_in', type: 'bool' },
      { name: 'born', type: 'date' },
      { name: 'seen', type: 'datetime' },
      { name: 'note', type: 'string' },
      { name: 'code', type: 'string' },
    ],
  })
  await emulator.control.putSchema('hubspot', 'deals', { properties: [key] })
  await emulator.control.putSchema('hubspot', 'companies', { properties: [] })
  await emulator.control.putSchema('hubspot', 'cars', { properties: [key, { name: 'seats', type: 'number' }] })
  await emulator.control.putPolicies('hubspot', {
    owners: [
      { id: '77', email: 'Ann@Example.com' },
      { id: '78', email: 'gone@example.com', archived: true },
    ],
    pipelines: {
      deals: [
        { id: 'p1', label: 'Sales', stages: [{ id: 's1', label: 'First' }] },
        { id: 'p2', label: 'Renewals', stages: [{ id: 's2', label: 'Second' }] },
      ],
    },
    objects: {
      contacts: {
        validations: [
          { property: 'note', rule: 'MIN_LENGTH', arguments: ['3'] },
          { property: 'note', rule: 'MAX_LENGTH', arguments: ['8'] },
          { property: 'seats', rule: 'MIN_NUMBER', arguments: ['1'] },
          { property: 'seats', rule: 'MAX_NUMBER', arguments: ['99.5'] },
          { property: 'seats', rule: 'DECIMAL', arguments: ['1'] },
          { property: 'code', rule: 'REGEX', arguments: ['^[A-Z]{2}-[0-9]+$'] },
          { property: 'email', rule: 'EMAIL_BLOCKED_DOMAINS', arguments: ['spam.example'] },
          { property: 'born', rule: 'START_DATE', arguments: ['1900-01-01'] },
        ],
      },
    },
  })
})
afterAll(() => emulator.close())

const column = (name: string, kind: FieldType['kind']): Column => ({
  name,
  declared: kind,
  type: { kind, declared: kind } as FieldType,
})
const columns = [
  ...(['text', 'bool', 'decimal', 'date', 'timestamp', 'float'] as const).map((kind) => column(kind, kind)),
  column('id', 'text'),
]
const place = (at: number) => ({ file: 'syncs/test.yml', line: 9, column: at })
const constant = (to: string, value: string): FieldMapping => ({
  to,
  value,
  valueKind: 'text',
  onNull: 'ignore',
  write: 'always',
  at: place(4),
})
const match = (key: string, strategy: Sync['match']['strategy'] = 'unique_property') => ({
  match: { field: key, from: 'id', strategy, at: place(5) },
})
const base: Partial<Sync> = { connection: 'hubspot', object: 'contacts', primaryKey: ['id'], ...match('ext_id') }
const name = field('firstname', 'text', { write: 'on_create' })
const deal = { object: 'deals', ...match('ext_id') }
const dealFields = [field('dealname', 'text'), constant('dealstage', 's1')]

async function crmOf(change: Partial<Sync>) {
  const target = { emulator: true } as const
  const destination = await openForTest({ type: 'hubspot', target, emulatorUrl: emulator.url })
  try {
    const asked = sync({ ...base, ...change })
    return { asked, crm: await describeCrm(destination, asked, NEVER) }
  } finally {
    await destination.close()
  }
}
const words = async (change: Partial<Sync>) => {
  const { asked, crm } = await crmOf(change)
  return preflight({ ...crm, sync: asked, model: 'people', columns }).map(({ code, message, hint, help }) => [
    code,
    message,
    `${hint ?? ''} ${help ?? ''}`,
  ])
}
const mapped = (...fields: FieldMapping[]): Partial<Sync> => ({ fields: [name, ...fields] })

test('what fits has no problem', async () => {
  const fields = [
    field('note', 'text', { onNull: 'clear' }),
    field('opt_in', 'bool', { onNull: 'clear' }),
    field('seats', 'decimal'),
    field('born', 'date'),
    field('seen', 'timestamp'),
    field('hubspot_owner_id', 'text'),
    constant('tags', 'gold'),
    constant('code', 'AB-12'),
  ]
  expect(await words(mapped(...fields))).toEqual([])
  expect(await words({ ...deal, fields: dealFields })).toEqual([])
  expect(await words({ object: 'cars', fields: [field('seats', 'decimal')] })).toEqual([])
})

test('every name of an object says the same of it', async () => {
  const described = async (object: string) => (await crmOf({ object })).crm.description
  const contacts = await described('contacts')
  for (const other of ['contact', '0-1', 'CONTACT']) expect(await described(other)).toEqual(contacts)
  const { typeId = '' } = (await emulator.control.schema('hubspot', 'cars')) as { typeId?: string }
  if (typeId !== '') expect(await described(typeId)).toEqual(await described('cars'))
})

describe('a property', () => {
  test.each<[string, FieldMapping, string, string, string]>([
    ['that is unknown', field('nope', 'text'), 'E-MAP-UNKNOWN-FIELD', 'has no field "nope"', 'did you mean "note"?'],
    ['D46: that is archived', field('gone', 'text'), 'E-MAP-READONLY', 'contacts.gone is archived', 'restore it'],
    ['D38: that is read only', field('locked', 'text'), 'E-MAP-READONLY', 'is read-only', 'remove the mapping'],
    ['D38: that is calculated', field('num_associated_deals', 'decimal'), 'E-MAP-READONLY', 'computed by the CRM', ''],
    ['of further addresses', field('hs_additional_emails', 'text'), 'E-MAP-READONLY', 'is read-only', ''],
    ['from a float', field('seats', 'float'), 'E-MAP-FLOAT', 'no exact text', 'cast it in the model'],
    ['D42: a day from a moment', field('born', 'timestamp'), 'E-MAP-TYPE', 'is timestamp', 'as date'],
    ['D43: a moment from a number', field('seen', 'decimal'), 'E-MAP-TYPE', 'is decimal', 'as timestamp'],
    ['a number from a text', field('seats', 'text'), 'E-MAP-TYPE', 'is text', 'as decimal'],
  ])('%s', async (_, mapping, code, message, remedy) => {
    const [problem, ...others] = await words(mapped(mapping))
    expect(others).toEqual([])
    expect(problem?.[0]).toBe(code)
    expect(problem?.[1]).toContain(message)
    expect(problem?.[2]).toContain(remedy)
  })

  test('D17: that a create needs and nobody maps', async () => {
    expect((await words({ fields: [field('note', 'text')] })).map(([code, message]) => [code, message])).toEqual([
      [
        'E-MAP-REQUIRED',
        'contacts: one of email, firstname, lastname is required to create a record and none is mapped',
      ],
    ])
    expect(await words({ fields: [field('note', 'text')], mode: 'update' })).toEqual([])
    expect((await words({ ...deal, fields: [field('amount', 'decimal')] })).map(([, message]) => message)).toEqual([
      'deals.dealname is required to create a record and is not mapped',
      'deals.dealstage is required to create a record and is not mapped',
    ])
  })
})

describe('a key', () => {
  test.each<[string, Partial<Sync>, string, string]>([
    [
      'D32: domain',
      { object: 'companies', ...match('domain') },
      'companies.domain cannot',
      'link companies --by domain',
    ],
    [
      'D33: dealname',
      { ...deal, ...match('dealname'), fields: dealFields },
      'deals.dealname cannot',
      'match on ext_id',
    ],
    ['D22: hs_object_id', match('hs_object_id'), 'contacts.hs_object_id cannot', 'the record id is no key'],
    ['a looked-up one that could create', match('note', 'lookup'), 'creates need a unique key', 'mode: update'],
  ])('%s', async (_, change, message, remedy) => {
    const fields = change.object === 'companies' ? [field('name', 'text')] : (change.fields ?? [name])
    const [problem, ...others] = await words({ ...change, fields })
    expect(others).toEqual([])
    expect(problem?.[0]).toBe('E-MAP-NOKEY')
    expect(problem?.[1]).toContain(message)
    expect(problem?.[2]).toContain(remedy)
  })

  test('an address is one without being marked, and a looked-up one may update', async () => {
    expect(await words({ ...match('email'), fields: [field('note', 'text')] })).toEqual([])
    const lookup = { object: 'companies', mode: 'update', ...match('domain', 'lookup') } as const
    expect(await words({ ...lookup, fields: [field('name', 'text')] })).toEqual([])
  })
})

describe('a constant', () => {
  test.each<[string, string, string, string, string]>([
    ['D46: tier', 'old', 'E-DATA-PICKLIST', 'not among the 1 values', 'one of: gold'],
    ['D38: tier', 'Gold', 'E-DATA-PICKLIST', 'not among the 1 values', 'did you mean "gold"?'],
    ['D45: hubspot_owner_id', 'ann@example.com', 'E-MAP-TYPE', 'is an e-mail address', 'did you mean "77"?'],
    ['D45: hubspot_owner_id', '1000077', 'E-DATA-PICKLIST', 'not the id of one of the 1 active owners', 'one of: 77'],
    ['an archived owner: hubspot_owner_id', '78', 'E-DATA-PICKLIST', 'active owners', 'one of: 77'],
    ['lifecyclestage', 'Customer', 'E-DATA-PICKLIST', 'not among', 'did you mean "customer"?'],
    ['born', '01.01.2026', 'E-MAP-TYPE', 'is not a date', ''],
    ['a rule: born', '1899-12-31', 'E-DATA-RANGE', 'not between 1900-01-01', ''],
    ['seen', '1700000000', 'E-MAP-TYPE', 'is not a datetime', ''],
    ['opt_in', 'yes', 'E-MAP-TYPE', 'is not a boolean', ''],
    ['a rule: note', 'ab', 'E-DATA-RULE', 'shorter than 3 characters', ''],
    ['a rule: note', 'nine char', 'E-DATA-LENGTH', 'longer than the 8 characters', ''],
    ['a rule: seats', '0', 'E-DATA-RULE', 'less than 1', ''],
    ['a rule: seats', '100', 'E-DATA-RULE', 'more than 99.5', ''],
    ['a rule: seats', '1.25', 'E-DATA-RANGE', 'more than the 1 digits behind the point', ''],
    ['a rule: code', 'ab-12', 'E-DATA-RULE', 'does not match the pattern', ''],
    ['email', 'a@b', 'E-DATA-EMAIL', 'not an e-mail address', ''],
    ['a rule: email', 'x@Spam.example', 'E-DATA-RULE', 'of a blocked domain', ''],
  ])('%s: %s', async (named, value, code, message, remedy) => {
    const to = named.split(': ').at(-1) ?? ''
    const [problem, ...others] = await words(mapped(constant(to, value)))
    expect(others).toEqual([])
    expect(problem?.[0]).toBe(code)
    expect(problem?.[1]).toContain(message)
    expect(problem?.[2]).toContain(remedy)
  })

  test('a stage is known by its id, and belongs to its pipeline', async () => {
    const told = async (...fields: FieldMapping[]) =>
      (await words({ ...deal, fields: [field('dealname', 'text'), ...fields] })).map((problem) => problem.join(' '))
    expect(await told(constant('dealstage', 's2'), constant('pipeline', 'p2'))).toEqual([])
    expect(await told(constant('dealstage', 's2'), constant('pipeline', 'p1'))).toEqual([
      expect.stringContaining('the constant of dealstage is no stage of pipeline p1'),
    ])
    expect(await told(constant('dealstage', 'First'))).toEqual([expect.stringContaining('did you mean "s1"?')])
    expect(await told(constant('dealstage', 's1'), constant('pipeline', 'Renewals'))).toEqual([
      expect.stringContaining('did you mean "p2"?'),
    ])
  })
})

test('what the portal does not tell is left to HubSpot', async () => {
  const before = (await crmOf({})).crm.description
  const owner = (list: readonly FieldDescription[]) => list.find((one) => one.name === 'hubspot_owner_id')
  expect(owner(before)?.allowedValues).toEqual(['77'])
  await emulator.control.putPolicies('hubspot', {
    auth: { scopes: ['crm.objects.contacts.read', 'crm.objects.contacts.write'] },
  })
  const after = (await crmOf({})).crm.description
  await emulator.control.putPolicies('hubspot', { auth: { scopes: null } })
  expect(owner(after)).toMatchObject({ createable: true })
  expect(owner(after)).not.toHaveProperty('allowedValues')
})

test('rules whose meaning is not certain are no checks of ours', async () => {
  const { crm } = await crmOf({})
  const limits = (to: string) =>
    fieldLimits(
      crm.description.find((one) => one.name === to),
      { kind: 'text', precision: null, scale: null },
    ).map((limit) => limit.name)
  expect(limits('code')).toEqual(['too_long', 'not_matching'])
  await emulator.control.putPolicies('hubspot', {
    objects: { contacts: { validations: [{ property: 'code', rule: 'REGEX', arguments: ['(?<=a)b'] }] } },
  })
  const again = (await crmOf({})).crm.description.find((one) => one.name === 'code')
  expect(again).not.toHaveProperty('rules')
})
