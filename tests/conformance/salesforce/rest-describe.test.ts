import { describe, expect, test } from 'vitest'
import { ACCOUNT_FIELDS, useEmulator } from '../../contract/emulator-support.ts'
import { rawHttp } from './raw-http.ts'

const emulator = useEmulator()
type Field = Record<string, unknown> & { name: string }
const describeOf = async (object: string) => (await emulator.api(`/sobjects/${object}/describe`)).body
const fieldOf = async (object: string, name: string): Promise<Field | undefined> =>
  (await describeOf(object)).fields.find((one: Field) => one.name === name)

// What preflight reads of a field: facts A4.
const PREFLIGHT = [
  'autoNumber',
  'byteLength',
  'calculated',
  'caseSensitive',
  'compoundFieldName',
  'controllerName',
  'createable',
  'defaultValue',
  'defaultedOnCreate',
  'dependentPicklist',
  'deprecatedAndHidden',
  'digits',
  'encrypted',
  'externalId',
  'extraTypeInfo',
  'htmlFormatted',
  'idLookup',
  'label',
  'length',
  'name',
  'nillable',
  'picklistValues',
  'polymorphicForeignKey',
  'precision',
  'referenceTargetField',
  'referenceTo',
  'relationshipName',
  'restrictedPicklist',
  'scale',
  'soapType',
  'type',
  'unique',
  'updateable',
]

describe('case 12: objects and fields', () => {
  test('case 12: the list names every object with its prefix and what may be done', async () => {
    const { sobjects, encoding, maxBatchSize } = (await emulator.api('/sobjects')).body
    expect({ encoding, maxBatchSize }).toEqual({ encoding: 'UTF-8', maxBatchSize: 200 })
    const prefixes = Object.fromEntries(sobjects.map((one: Field) => [one.name, one.keyPrefix]))
    expect(prefixes).toMatchObject({ Account: '001', Contact: '003', Lead: '00Q', Opportunity: '006', Case: '500' })
    expect(prefixes).toMatchObject({ User: '005', Organization: '00D', RecordType: '012', Task: '00T' })
    const account = sobjects.find((one: Field) => one.name === 'Account')
    expect(account).toMatchObject({
      createable: true,
      updateable: true,
      deletable: true,
      queryable: true,
      custom: false,
    })
    expect(account.urls.describe).toBe('/services/data/v66.0/sobjects/Account/describe')
    expect(sobjects.find((one: Field) => one.name === 'Organization')).toMatchObject({ createable: false })
  })

  test('case 12: every field of every object has every key that preflight reads', async () => {
    for (const { name } of (await emulator.api('/sobjects')).body.sobjects) {
      const { fields, recordTypeInfos, keyPrefix } = await describeOf(name)
      expect(keyPrefix).toMatch(/^[0-9A-Za-z]{3}$/)
      expect(recordTypeInfos.length).toBeGreaterThan(0)
      for (const field of fields) expect(Object.keys(field)).toEqual(expect.arrayContaining(PREFLIGHT))
    }
  })

  test('case 12: basic information is the summary and the last records', async () => {
    const { objectDescribe, recentItems } = (await emulator.api('/sobjects/account')).body
    expect(objectDescribe).toMatchObject({ name: 'Account', keyPrefix: '001' })
    expect(objectDescribe).not.toHaveProperty('fields')
    expect(recentItems).toEqual([])
  })

  test('case 12: children have the names queries and trees use', async () => {
    const { childRelationships } = await describeOf('Account')
    const names = childRelationships.map((one: Field) => `${one.childSObject}.${one.field}=${one.relationshipName}`)
    expect(names).toEqual(expect.arrayContaining(['Contact.AccountId=Contacts', 'Opportunity.AccountId=Opportunities']))
    expect(names).toContain('Account.ParentId=ChildAccounts')
  })

  test('case 12: an unknown object is 404', async () => {
    expect(await emulator.api('/sobjects/Nope/describe')).toMatchObject({
      status: 404,
      body: [{ errorCode: 'NOT_FOUND' }],
    })
  })

  test('case 12: a polymorphic reference names its targets', async () => {
    expect(await fieldOf('Task', 'WhoId')).toMatchObject({
      polymorphicForeignKey: true,
      referenceTo: ['Contact', 'Lead'],
      relationshipName: 'Who',
    })
  })
})

describe('case 13: If-Modified-Since', () => {
  const since = (date: string) =>
    rawHttp(`${emulator.url}/services/data/v66.0/sobjects/Account/describe`, {
      headers: { authorization: 'Bearer x', 'if-modified-since': date },
    })

  test('case 13: a date in the future is answered 304 with nothing', async () => {
    const answer = await since(new Date(Date.now() + 60_000).toUTCString())
    expect(answer.status).toBe(304)
    expect(answer.bytes.length).toBe(0)
  })

  test('case 13: a describe that changed since is answered whole', async () => {
    await emulator.control.advanceClock(60_000)
    const before = new Date(Date.now() + 30_000).toUTCString()
    expect((await since(before)).status).toBe(304)
    await emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS)
    expect((await since(before)).status).toBe(200)
  })

  test('case 13: the list of objects too', async () => {
    const list = (date: number) =>
      emulator.api('/sobjects', { headers: { 'if-modified-since': new Date(date).toUTCString() } })
    expect((await list(Date.now() + 60_000)).status).toBe(304)
    expect((await list(0)).status).toBe(200)
  })

  test('case 13: a change of field-level security counts as a change', async () => {
    await emulator.control.advanceClock(60_000)
    const before = new Date(Date.now() + 30_000).toUTCString()
    expect((await since(before)).status).toBe(304)
    await emulator.control.putPolicies('salesforce', { objects: { Account: { fields: { Site: 'hidden' } } } })
    expect((await since(before)).status).toBe(200)
  })
})

describe('case 33: permissions show in the describe and in the refusal', () => {
  const create = (row: Record<string, unknown>) => emulator.api('/sobjects/Account', { method: 'POST', body: row })
  const restrict = (policy: unknown) => emulator.control.putPolicies('salesforce', { objects: { account: policy } })

  test('case 33: a field without field-level security is not described, not queryable and not writable', async () => {
    await restrict({ fields: { Site: 'hidden' } })
    expect(await fieldOf('Account', 'Site')).toBe(undefined)
    expect(await create({ Name: 'x', Site: 'HQ' })).toMatchObject({
      status: 400,
      body: [{ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['Site'] }],
    })
    expect((await emulator.api('/query?q=SELECT+Site+FROM+Account')).body[0].errorCode).toBe('INVALID_FIELD')
    await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a', Site: 'kept' }])
    expect((await emulator.control.records('salesforce', 'Account'))[0]).toMatchObject({ Site: 'kept' })
    await restrict({ fields: null })
    expect((await create({ Name: 'x', Site: 'HQ' })).status).toBe(201)
  })

  test('case 33: a read-only field is described as such and refused', async () => {
    await restrict({ fields: { Site: 'read_only' } })
    expect(await fieldOf('Account', 'Site')).toMatchObject({ createable: false, updateable: false })
    const [id] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a', Site: 'HQ' }])
    const refused = await emulator.api(`/sobjects/Account/${id}`, { method: 'PATCH', body: { Site: 'B' } })
    expect(refused.body[0]).toMatchObject({ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['Site'] })
    expect((await emulator.api(`/sobjects/Account/${id}`)).body.Site).toBe('HQ')
  })

  test('case 33: calculated and system fields are refused the same way', async () => {
    await emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS)
    for (const row of [{ Score__c: 1 }, { CreatedDate: '2026-01-01T00:00:00Z' }, { PhotoUrl: 'x' }]) {
      expect((await create({ Name: 'x', ...row })).body[0].errorCode).toBe('INVALID_FIELD_FOR_INSERT_UPDATE')
    }
  })

  test('case 33: without a permission on the object: the describe says so, and so does the row', async () => {
    await restrict({ permissions: { create: false, delete: false } })
    expect(await describeOf('Account')).toMatchObject({ createable: false, updateable: true, deletable: false })
    expect((await create({ Name: 'x' })).body[0].errorCode).toBe('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY')
    await restrict({ permissions: { read: false } })
    expect((await emulator.api('/sobjects/Account/describe')).status).toBe(404)
    expect((await emulator.api('/query?q=SELECT+Id+FROM+Account')).body[0].errorCode).toBe('INVALID_TYPE')
  })
})

describe('record types', () => {
  const TYPES = [
    { name: 'Customer', default: true },
    { name: 'Partner', developer_name: 'Partner_Acct' },
    { name: 'Old', active: false },
    { name: 'Secret', available: false },
  ]

  test('are described, queryable, given by default and checked', async () => {
    await emulator.control.putPolicies('salesforce', { objects: { Account: { record_types: TYPES } } })
    const { recordTypeInfos } = await describeOf('Account')
    expect(recordTypeInfos.map((one: Field) => [one.name, one.available, one.defaultRecordTypeMapping])).toEqual([
      ['Customer', true, true],
      ['Partner', true, false],
      ['Old', false, false],
      ['Secret', false, false],
      ['Master', true, false],
    ])
    const ids = Object.fromEntries(recordTypeInfos.map((one: Field) => [one.developerName, one.recordTypeId]))
    const q = "SELECT Id, DeveloperName FROM RecordType WHERE SobjectType = 'Account' AND IsActive = true ORDER BY Name"
    const { records } = (await emulator.api(`/query?q=${encodeURIComponent(q)}`)).body
    expect(records.map((one: Field) => one.DeveloperName)).toEqual(['Customer', 'Partner_Acct', 'Secret'])
    const create = (row: object) => emulator.api('/sobjects/Account', { method: 'POST', body: { Name: 'x', ...row } })
    const stored = async (id: string) => (await emulator.api(`/sobjects/Account/${id}`)).body.RecordTypeId
    expect(await stored((await create({})).body.id)).toBe(ids.Customer)
    expect(await stored((await create({ RecordTypeId: ids.Partner_Acct })).body.id)).toBe(ids.Partner_Acct)
    expect(await stored((await create({ RecordType: { DeveloperName: 'Partner_Acct' } })).body.id)).toBe(
      ids.Partner_Acct,
    )
    for (const name of ['Old', 'Secret']) {
      expect((await create({ RecordTypeId: ids[name] })).body[0]).toMatchObject({
        errorCode: 'INVALID_CROSS_REFERENCE_KEY',
        fields: ['RecordTypeId'],
      })
    }
  })
})
