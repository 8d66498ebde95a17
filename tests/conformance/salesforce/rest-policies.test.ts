import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { controlClient } from '../../../emulator/core/control-client.ts'
import { startEmulator } from '../../../emulator/start.ts'
import { ACCOUNT_FIELDS, exchange, useEmulator } from '../../contract/emulator-support.ts'

const emulator = useEmulator()
type Row = Record<string, unknown>
const create = (row: Row, headers: Record<string, string> = {}, object = 'Account') =>
  emulator.api(`/sobjects/${object}`, { method: 'POST', body: row, headers })
const patch = (id: string | undefined, row: Row) =>
  emulator.api(`/sobjects/Account/${id}`, { method: 'PATCH', body: row })
const policies = (Account: Row) => emulator.control.putPolicies('salesforce', { objects: { Account } })
const seed = (...rows: Row[]) => emulator.control.putRecords('salesforce', 'Account', rows)
const all = () => emulator.control.records('salesforce', 'Account')

beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

describe('case 36: duplicate rules', () => {
  const rule = (action: string) => policies({ duplicate_rules: [{ name: 'Same_Name', action, match: ['Name'] }] })
  const saving = { 'sforce-duplicate-rule-header': 'allowSave=true; includeRecordDetails=true' }

  test('case 36: an alert blocks without the header and names the record that matched', async () => {
    const [id] = await seed({ Name: 'Acme', Site: 'HQ' })
    await rule('alert')
    const { status, body } = await create({ Name: 'ACME' })
    expect(status).toBe(400)
    expect(body[0]).toMatchObject({ errorCode: 'DUPLICATES_DETECTED', message: 'Use one of these records?' })
    const { duplicateResult } = body[0]
    expect(duplicateResult).toMatchObject({
      allowSave: true,
      duplicateRule: 'Same_Name',
      duplicateRuleEntityType: 'Account',
    })
    const [match] = duplicateResult.matchResults
    expect(match).toMatchObject({ entityType: 'Account', size: 1, success: true })
    expect(match.matchRecords[0].record).toEqual({ attributes: expect.objectContaining({ type: 'Account' }), Id: id })
    expect(await all()).toHaveLength(1)
  })

  test('case 36: allowSave=true saves; in collections a row fails alone with its duplicateResult', async () => {
    const [id] = await seed({ Name: 'Acme' })
    await rule('alert')
    const records = ['acme', 'other'].map((Name) => ({ attributes: { type: 'Account' }, Name }))
    const { body } = await emulator.api('/composite/sobjects', { method: 'POST', body: { records } })
    expect(body.map((one: Row) => one.success)).toEqual([false, true])
    expect(body[0].errors[0]).toMatchObject({ statusCode: 'DUPLICATES_DETECTED' })
    expect(body[0].errors[0].duplicateResult.matchResults[0].matchRecords[0].record.Id).toBe(id)
    expect((await create({ Name: 'acme' }, saving)).status).toBe(201)
  })

  test('case 36: a block is a block whatever the header says, on updates too', async () => {
    const [, second] = await seed({ Name: 'Acme' }, { Name: 'Else' })
    await rule('block')
    expect((await create({ Name: 'acme' }, saving)).body[0]).toMatchObject({
      errorCode: 'DUPLICATES_DETECTED',
      duplicateResult: { allowSave: false },
    })
    expect((await patch(second, { Name: 'acme' })).body[0].errorCode).toBe('DUPLICATES_DETECTED')
    expect((await patch(second, { Site: 'x' })).status).toBe(204)
  })
})

describe('rules and triggers', () => {
  test('a validation rule sees the record as it would be, on create and update, and says its own words', async () => {
    const [id] = await seed({ Name: 'a', LTV__c: 10 })
    await policies({
      validation_rules: [
        {
          name: 'Segment',
          error_if: 'LTV__c > 5 AND Usage_Segment__c = null',
          message: 'Segment first',
          field: 'Usage_Segment__c',
        },
        { name: 'Name', error_if: "Name LIKE 'bad%'", message: 'Bad name' },
      ],
    })
    const refused = await patch(id, { Site: 'x' })
    expect(refused).toMatchObject({
      status: 400,
      body: [
        { errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Segment first', fields: ['Usage_Segment__c'] },
      ],
    })
    expect((await patch(id, { Usage_Segment__c: 'core' })).status).toBe(204)
    const both = await create({ Name: 'bad', LTV__c: 6 })
    expect(both.body.map((one: Row) => one.message)).toEqual(['Segment first', 'Bad name'])
  })

  test('a rule whose condition cannot be read is refused, and nothing changes', async () => {
    const bad = policies({ validation_rules: [{ name: 'x', error_if: 'Nope = 1', message: 'm' }] })
    await expect(bad).rejects.toThrow(/Nope/)
    expect(await emulator.control.policies('salesforce')).toMatchObject({ objects: {} })
  })

  test('a trigger that throws wraps its message; one that adds an error keeps its code', async () => {
    await policies({
      triggers: [
        { name: 'Guard', on: ['insert'], if: "Site = 'x'", message: 'no x here' },
        { name: 'Keep', on: ['delete'], message: 'keep it', code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION' },
      ],
    })
    const [error] = (await create({ Name: 'a', Site: 'x' })).body
    expect(error.errorCode).toBe('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY')
    expect(error.message).toMatch(/^Guard: execution of BeforeInsert\n\ncaused by: .*no x here/)
    const { id } = (await create({ Name: 'a', Site: 'y' })).body
    const gone = await emulator.api(`/sobjects/Account/${id}`, { method: 'DELETE' })
    expect(gone.body[0]).toMatchObject({ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'keep it' })
    expect(await all()).toHaveLength(1)
  })

  test('assignment rules apply unless the header says FALSE, and are counted', async () => {
    const counted = async () => (await emulator.control.act('salesforce', 'counters')) as { assignments: Row }
    await create({ Name: 'a' })
    expect((await counted()).assignments).toEqual({})
    await create({ Name: 'b' }, { 'sforce-auto-assign': 'TRUE' })
    await create({ LastName: 'c' }, { 'sforce-auto-assign': 'TRUE' }, 'Contact')
    expect((await counted()).assignments).toEqual({ Account: 1 })
    const owners = new Set((await all()).map((row) => row.OwnerId))
    expect(owners.size).toBe(2)
  })
})

describe('locks', () => {
  test('a locked row refuses a number of attempts and then goes', async () => {
    const [id = ''] = await seed({ Name: 'a' })
    await policies({ row_locks: [{ ids: [id], times: 2 }] })
    const refused = { status: 400, body: [{ errorCode: 'UNABLE_TO_LOCK_ROW', message: expect.stringContaining(id) }] }
    expect(await patch(id, { Site: '1' })).toMatchObject(refused)
    expect(await patch(id, { Site: '2' })).toMatchObject(refused)
    expect((await patch(id, { Site: '3' })).status).toBe(204)
  })

  test('a locked parent locks its children and nobody else', async () => {
    const [parent = '', other = ''] = await seed({ Name: 'p' }, { Name: 'q' })
    await policies({ row_locks: [{ children_of: [parent] }] })
    expect((await create({ Name: 'c', ParentId: parent })).body[0].errorCode).toBe('UNABLE_TO_LOCK_ROW')
    expect((await create({ Name: 'c', ParentId: other })).status).toBe(201)
    await policies({ row_locks: null })
    expect((await create({ Name: 'c', ParentId: parent })).status).toBe(201)
  })

  test('a record in an approval is locked for editing until it is not', async () => {
    const [id] = await seed({ Name: 'a' })
    await policies({ approval_locks: [id] })
    expect((await patch(id, { Site: 'x' })).body[0]).toMatchObject({
      errorCode: 'ENTITY_IS_LOCKED',
      message: 'the entity is locked for editing',
    })
    await policies({ approval_locks: null })
    expect((await patch(id, { Site: 'x' })).status).toBe(204)
  })
})

describe('the control plane', () => {
  test('policies outlive a restart from the snapshot file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'policies-'))
    const state = join(folder, 'state.json')
    const first = await startEmulator({ state })
    await controlClient(first.controlUrl).putPolicies('salesforce', {
      objects: { Account: { fields: { Site: 'hidden' }, record_types: [{ name: 'Customer', default: true }] } },
    })
    const [id = ''] = await controlClient(first.controlUrl).putRecords('salesforce', 'Account', [{ Name: 'a' }])
    await first.close()
    const second = await startEmulator({ state })
    const headers = { authorization: 'Bearer x' }
    const row = await exchange(`${second.url}/services/data/v66.0/sobjects/Account/${id}`, { headers })
    const types = await controlClient(second.controlUrl).records('salesforce', 'RecordType')
    await second.close()
    rmSync(folder, { recursive: true, force: true })
    expect(row.body).not.toHaveProperty('Site')
    expect(types).toMatchObject([{ Id: row.body.RecordTypeId, DeveloperName: 'Customer' }])
  })

  test('another user edits whatever the rules say, and history names nobody of the API', async () => {
    const [id = ''] = await seed({ Name: 'a', Site: 'ours' })
    await policies({ validation_rules: [{ name: 'x', error_if: "Name != ''", message: 'm' }], approval_locks: [id] })
    await seed({ Id: id, Site: 'theirs' })
    const row = (await emulator.api(`/sobjects/Account/${id}`)).body
    expect(row.Site).toBe('theirs')
    const versions = await emulator.control.history('salesforce', 'Account', id)
    expect(versions.map((one) => one.request)).toEqual(['control', 'control'])
    const me = (await emulator.raw('/services/oauth2/userinfo', { headers: { authorization: 'Bearer x' } })).body
      .user_id
    expect(row.LastModifiedById).not.toBe(me)
  })

  test('policies are merged by key, cleared by null, gone after DELETE, and strict about names', async () => {
    await policies({ approval_locks: ['001000000000000AAA'] })
    await policies({ fields: { Site: 'hidden' } })
    expect(await emulator.control.policies('salesforce')).toMatchObject({
      objects: { Account: { approval_locks: ['001000000000000AAA'], fields: { Site: 'hidden' } } },
    })
    await expect(policies({ nope: [] })).rejects.toThrow(/nope/)
    await expect(policies({ fields: { Nope: 'hidden' } })).rejects.toThrow(/Nope/)
    await expect(emulator.control.putPolicies('salesforce', { objects: { Nope: {} } })).rejects.toThrow(/Nope/)
    await emulator.control.clearPolicies('salesforce')
    expect(await emulator.control.policies('salesforce')).toMatchObject({ objects: {} })
    expect((await create({ Name: 'x', Site: 'y' })).status).toBe(201)
  })

  test('counts of records, several objects in one call', async () => {
    await seed({ Name: 'a' }, { Name: 'b' })
    const { body } = await emulator.api('/limits/recordCount?sObjects=Account,Contact')
    expect(body.sObjects).toEqual([
      { count: 2, name: 'Account' },
      { count: 0, name: 'Contact' },
    ])
  })
})
