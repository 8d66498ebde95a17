/** Preflight against the describe of a living org: what is refused before a row is looked at, in which words, with which remedy. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FieldMapping, Sync } from '../../runner/project/project.ts'
import { describeCrm, schemaHash } from '../../runner/sync/describe-crm.ts'
import { preflight } from '../../runner/sync/preflight.ts'
import { referenceWarnings } from '../../runner/sync/reference-problems.ts'
import type { Column, FieldType } from '../../runner/warehouse/warehouse.ts'
import { startTestEmulator, type TestEmulator } from '../support/emulator.ts'
import { NEVER, openForTest } from '../support/open-for-test.ts'
import { field, sync } from '../support/sync-fixture.ts'

let emulator: TestEmulator

beforeAll(async () => {
  emulator = await startTestEmulator()
  const key = { type: 'string', length: 40, externalId: true, unique: true }
  await emulator.control.putSchema('salesforce', 'Account', {
    fields: [
      { name: 'Key__c', ...key },
      { name: 'Loose__c', type: 'string', length: 40, externalId: true },
      { name: 'Plain__c', type: 'string', length: 8 },
      { name: 'Locked__c', ...key },
      { name: 'Hidden__c', type: 'string', length: 40 },
      { name: 'Serial__c', type: 'string', autoNumber: true, createable: false, updateable: false },
      { name: 'Sum__c', type: 'double', calculated: true, createable: false, updateable: false },
      { name: 'Once__c', type: 'string', length: 40, updateable: false },
      { name: 'Later__c', type: 'string', length: 40, createable: false },
      { name: 'File__c', type: 'base64' },
      { name: 'Open__c', type: 'boolean' },
      { name: 'Seats__c', type: 'int', digits: 3 },
      { name: 'Money__c', type: 'currency', precision: 6, scale: 2 },
      { name: 'Tier__c', type: 'picklist', restrictedPicklist: true, picklistValues: ['Gold', 'Silver'] },
      { name: 'Tags__c', type: 'multipicklist', restrictedPicklist: true, picklistValues: ['a', 'b'] },
      { name: 'Day__c', type: 'date' },
      { name: 'At__c', type: 'datetime' },
      { name: 'Person__c', type: 'reference', referenceTo: ['Contact', 'Lead'], polymorphicForeignKey: true },
    ],
  })
  await emulator.control.putSchema('salesforce', 'Contact', { fields: [{ name: 'Ref__c', ...key }] })
  await emulator.control.putPolicies('salesforce', {
    objects: {
      Account: {
        fields: { Hidden__c: 'hidden', Locked__c: 'read_only' },
        record_types: [
          { name: 'Partner', developer_name: 'Partner' },
          { name: 'Old', developer_name: 'Old', available: false },
        ],
      },
      Opportunity: { permissions: { create: false, read: true, update: true, delete: false } },
    },
  })
})
afterAll(() => emulator.close())

const column = (name: string, kind: FieldType['kind']): Column => ({
  name,
  declared: kind,
  type: { kind, declared: kind } as FieldType,
})
const columns = [column('id', 'text'), column('text', 'text'), column('flag', 'bool'), column('number', 'decimal')]

const place = (column: number) => ({ file: 'syncs/test.yml', line: 9, column })
const reference = (object: string, name: string): Partial<FieldMapping> => ({
  reference: { object, field: name, at: place(1), objectAt: place(2), fieldAt: place(3) },
})
const constant = (to: string, value: string, more: Partial<FieldMapping> = {}): FieldMapping => ({
  to,
  value,
  valueKind: 'text',
  onNull: 'ignore',
  write: 'always',
  at: place(4),
  ...more,
})
const base: Partial<Sync> = {
  primaryKey: ['id'],
  match: { field: 'Key__c', from: 'id', strategy: 'external_id', at: place(5) },
}
const name = field('Name', 'text', { write: 'on_create' })

async function told(change: Partial<Sync>) {
  const destination = await openForTest({ type: 'salesforce', target: { emulator: true }, emulatorUrl: emulator.url })
  try {
    const asked = sync({ ...base, ...change })
    const crm = await describeCrm(destination, asked, NEVER)
    const request = { ...crm, sync: asked, model: 'accounts', columns }
    return [...preflight(request), ...referenceWarnings(request)]
  } finally {
    await destination.close()
  }
}
const words = async (change: Partial<Sync>) =>
  (await told(change)).map(({ code, message, hint, help }) => [code, message, hint ?? '', help ?? ''])
const mapped = (...fields: FieldMapping[]): Partial<Sync> => ({ fields: [name, ...fields] })

test('what fits has no problem', async () => {
  const fields = [
    field('Plain__c', 'text', { onNull: 'clear' }),
    field('Open__c', 'flag'),
    field('ParentId', 'text', reference('Account', 'Key__c')),
    field('Person__c', 'text', { ...reference('Contact', 'Ref__c'), onNull: 'clear' }),
    constant('Tier__c', 'Gold'),
    constant('Tags__c', 'b;a'),
    constant('RecordTypeId', 'Partner'),
    constant('Money__c', '1234.50'),
    constant('Day__c', '2026-01-01'),
    constant('At__c', '2026-01-01T10:00:00Z'),
  ]
  expect(await words(mapped(...fields))).toEqual([])
})

describe('a field', () => {
  test.each<[string, FieldMapping, string, string, string]>([
    [
      'that is hidden or unknown',
      field('Hidden__c', 'text'),
      'E-MAP-UNKNOWN-FIELD',
      'Account has no field "Hidden__c", or this connection may not see it',
      'give the connection access',
    ],
    [
      'that is read only',
      field('Locked__c', 'text'),
      'E-MAP-PERMISSION',
      'may not edit Account.Locked__c',
      'field-level',
    ],
    ['that is a formula', field('Sum__c', 'number'), 'E-MAP-READONLY', 'is computed by the CRM', 'remove the mapping'],
    ['that is numbered', field('Serial__c', 'text'), 'E-MAP-READONLY', 'is numbered by the CRM', 'remove the mapping'],
    [
      'that is a compound',
      field('BillingAddress', 'text'),
      'E-MAP-READONLY',
      'Account.BillingAddress is made of other fields',
      'map BillingStreet, BillingCity',
    ],
    [
      'that is written on create only',
      field('Once__c', 'text'),
      'E-MAP-READONLY',
      'only be written on create',
      'write: on_create',
    ],
    [
      'that is not written on create',
      field('Later__c', 'text'),
      'E-MAP-READONLY',
      'cannot be written on create',
      'mode: update',
    ],
    ['that holds a file', field('File__c', 'text'), 'E-MAP-TYPE', 'is base64', 'remove the mapping'],
    [
      'that is never empty and would be cleared',
      field('Name', 'text', { onNull: 'clear' }),
      'E-NULL-REQUIRED',
      'Account.Name is never empty in the CRM, so it cannot be cleared',
      'on_null: reject',
    ],
    [
      'that is a checkbox and would be cleared by a flag',
      field('Open__c', 'flag', { clearWhen: 'flag' }),
      'E-NULL-REQUIRED',
      'Account.Open__c is never empty',
      'coalesce(column, false)',
    ],
  ])('%s', async (_, mapping, code, message, remedy) => {
    const fields = mapping.to === 'Name' ? [mapping] : [name, mapping]
    const [problem, ...others] = await words({ fields })
    expect(others).toEqual([])
    expect(problem?.[0]).toBe(code)
    expect(problem?.[1]).toContain(message)
    expect(problem?.[3]).toContain(remedy)
  })

  test('that only creates may write is fine where nothing else happens', async () => {
    expect(await words(mapped(field('Once__c', 'text', { write: 'on_create' })))).toEqual([])
    expect(await words({ ...mapped(field('Once__c', 'text')), mode: 'create' })).toEqual([])
    expect(await words({ fields: [field('Later__c', 'text')], mode: 'update' })).toEqual([])
    expect(await words({ fields: [field('Name', 'text', { onNull: 'clear' })], mode: 'create' })).toEqual([])
  })

  test('that a create needs and nobody maps', async () => {
    const [problem] = await words({ fields: [field('Plain__c', 'text')] })
    expect(problem).toEqual([
      'E-MAP-REQUIRED',
      'Account.Name is required to create a record and is not mapped',
      '',
      'map Name (write: on_create keeps later edits), or use mode: update',
    ])
  })

  test("a person's name is made of its parts", async () => {
    const match = { field: 'Ref__c', from: 'id', strategy: 'external_id' as const, at: place(5) }
    const [problem] = await words({
      object: 'Contact',
      match,
      fields: [field('LastName', 'text'), field('Name', 'text')],
    })
    expect(problem).toEqual([
      'E-MAP-READONLY',
      'Contact.Name is made of other fields',
      '',
      'map LastName, FirstName, Salutation instead',
    ])
  })
})

describe('a key', () => {
  const match = (key: string, strategy: Sync['match']['strategy'] = 'external_id') => ({
    ...mapped(field('Plain__c', 'text')),
    match: { field: key, from: 'id', strategy, at: place(5) },
  })
  test.each<[string, Partial<Sync>, string, string]>([
    ['that is no External ID', match('Plain__c'), 'cannot be used as a key', 'mark the field as External ID'],
    ['that is not unique', match('Loose__c'), 'not marked Unique', 'View All Data'],
    ['that this user cannot fill', match('Locked__c'), 'cannot be written when a record is created', 'field-level'],
    ['that is the id itself', match('Id'), 'cannot be written when a record is created', 'mode: update'],
    ['that cannot be searched', { ...match('Description', 'lookup'), mode: 'update' }, 'cannot be searched', 'filter'],
  ])('%s', async (_, change, message, remedy) => {
    const fields = change.mode === 'update' ? [field('Plain__c', 'text')] : (change.fields ?? [])
    const [problem, ...others] = await words({ ...change, fields })
    expect(others).toEqual([])
    expect(problem?.[0]).toBe('E-MAP-NOKEY')
    expect(problem?.[1]).toContain(message)
    expect(problem?.[3]).toContain(remedy)
  })
})

describe('a reference', () => {
  test.each<[string, FieldMapping, string, string, string]>([
    [
      'over a field that is none',
      field('Plain__c', 'text', reference('Account', 'Key__c')),
      'E-MAP-REFERENCE',
      'points to no record',
      'remove "reference"',
    ],
    [
      'to another object',
      field('ParentId', 'text', reference('Contact', 'Ref__c')),
      'E-MAP-REFERENCE',
      'points to Account, not to "Contact"',
      'object: Account',
    ],
    [
      'to an object it may not name',
      field('Person__c', 'text', reference('User', 'Username')),
      'E-MAP-REFERENCE',
      'points to Contact or Lead',
      'object: Contact',
    ],
    [
      'by an unknown key',
      field('ParentId', 'text', reference('Account', 'Keyy__c')),
      'E-MAP-UNKNOWN-FIELD',
      'Account has no field "Keyy__c"',
      'did you mean "Key__c"?',
    ],
    [
      'by a field that is no key',
      field('ParentId', 'text', reference('Account', 'Plain__c')),
      'E-MAP-NOKEY',
      'is no External ID',
      'mark the field as External ID',
    ],
    [
      'by the id',
      field('ParentId', 'text', reference('Account', 'Id')),
      'E-MAP-REFERENCE',
      'needs no reference',
      'remove "reference"',
    ],
    [
      'by a key that two records may share',
      field('ParentId', 'text', reference('Account', 'Loose__c')),
      'W-MAP-KEY',
      'not marked Unique',
      'set Unique',
    ],
    [
      'by a float',
      field('ParentId', 'score', reference('Account', 'Key__c')),
      'E-MAP-COLUMN',
      'no column "score"',
      'select the column',
    ],
  ])('%s', async (_, mapping, code, message, remedy) => {
    const [problem, ...others] = await words(mapped(mapping))
    expect(others).toEqual([])
    expect(problem?.[0]).toBe(code)
    expect(problem?.[1]).toContain(message)
    expect(`${problem?.[2]} ${problem?.[3]}`).toContain(remedy)
  })

  test('to an object that does not exist is told where the object is written', async () => {
    await expect(words(mapped(field('ParentId', 'text', reference('Acount', 'Key__c'))))).rejects.toMatchObject({
      problems: [{ code: 'E-MAP-OBJECT', at: place(2), hint: expect.stringContaining('Account') }],
    })
  })
})

describe('a constant', () => {
  test.each<[string, string, string, string]>([
    ['Plain__c', 'nine char', 'E-DATA-LENGTH', 'longer than the 8 characters'],
    ['Tier__c', 'gold', 'E-DATA-PICKLIST', 'not among the 2 values'],
    ['Tags__c', 'a;x', 'E-DATA-PICKLIST', 'a part of it is not among'],
    ['Seats__c', '1000', 'E-DATA-RANGE', 'more than the 3 digits before the point'],
    ['Seats__c', '1.5', 'E-DATA-RANGE', 'more than the 0 digits behind the point'],
    ['Money__c', '1.005', 'E-DATA-RANGE', 'more than the 2 digits behind the point'],
    ['Day__c', '1600-01-01', 'E-DATA-RANGE', 'not between 1700-01-01 and 4000-12-31'],
    ['Day__c', '01.01.2026', 'E-MAP-TYPE', 'is not a date'],
    ['At__c', 'today', 'E-MAP-TYPE', 'is not a datetime'],
    ['Open__c', 'yes', 'E-MAP-TYPE', 'is not a boolean'],
    ['ParentId', '001000000000001AAB', 'E-DATA-REF', 'not a record id of 15 or 18 characters'],
    ['RecordTypeId', 'Old', 'E-DATA-PICKLIST', 'no id or developer name of a record type'],
  ])('%s: %s', async (to, value, code, message) => {
    const [problem, ...others] = await words(mapped(constant(to, value)))
    expect(others).toEqual([])
    expect(problem?.[0]).toBe(code)
    expect(problem?.[1]).toContain(message)
  })
})

test('an object this user may not create', async () => {
  const match = { field: 'Name', from: 'id', strategy: 'lookup' as const, at: place(5) }
  const change = { object: 'Opportunity', match, fields: [field('Description', 'text')] }
  expect(await words({ ...change, mode: 'update' })).toEqual([])
  expect((await words({ ...change, mode: 'upsert' })).map(([code, message]) => [code, message])).toContainEqual([
    'E-MAP-PERMISSION',
    'the user of connection salesforce may not create Opportunity records',
  ])
})

test('the hash of the schema changes with what the mapping relies on, and with nothing else', async () => {
  const asked = sync({ ...base, fields: [name, field('ParentId', 'text', reference('Account', 'Loose__c'))] })
  const hash = async () => {
    const destination = await openForTest({ type: 'salesforce', target: { emulator: true }, emulatorUrl: emulator.url })
    const crm = await describeCrm(destination, asked, NEVER)
    await destination.close()
    return schemaHash(asked, crm)
  }
  const put = (more: object) => emulator.control.putSchema('salesforce', 'Account', { fields: [more] })
  const before = await hash()
  await put({ name: 'Unrelated__c', type: 'string', length: 9 })
  expect(await hash()).toBe(before)
  await put({ name: 'Loose__c', type: 'string', length: 30, externalId: true })
  const shorter = await hash()
  expect(shorter).not.toBe(before)
  await put({ name: 'New_Duty__c', type: 'string', length: 9, nillable: false })
  expect(await hash()).not.toBe(shorter)
})
