import { beforeEach, describe, expect, test } from 'vitest'
import { ACCOUNT_FIELDS, useEmulator } from './emulator-support.ts'

const emulator = useEmulator()
beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

const account = (row: object) => ({ attributes: { type: 'Account' }, ...row })
const upsert = (records: object[], more: object = {}) =>
  emulator.api('/composite/sobjects/Account/Customer_Id__c', { method: 'PATCH', body: { records, ...more } })
const stored = () => emulator.control.records('salesforce', 'Account')

describe('upsert', () => {
  test('200 mixed rows: status 200, results in request order, created flags, errors with statusCode', async () => {
    await upsert([account({ Customer_Id__c: 'C-2', Name: 'old' })])
    const rows = Array.from({ length: 200 }, (_, n) =>
      account({ Customer_Id__c: `C-${n}`, ...(n === 7 ? {} : { Name: `N${n}` }) }),
    )
    const answer = await upsert(rows, { allOrNone: false })
    expect(answer.status).toBe(200)
    expect(answer.body).toHaveLength(200)
    expect(answer.body[0]).toEqual({
      id: expect.stringMatching(/^001.{15}$/),
      success: true,
      errors: [],
      created: true,
    })
    expect(answer.body[2]).toMatchObject({ success: true, created: false })
    expect(answer.body[7]).toEqual({
      success: false,
      errors: [
        { statusCode: 'REQUIRED_FIELD_MISSING', message: 'Required fields are missing: [Name]', fields: ['Name'] },
      ],
    })
    const byId = new Map((await stored()).map((row) => [row.Id, row.Customer_Id__c]))
    answer.body.forEach((one: { id?: string }, n: number) => {
      if (one.id !== undefined) expect(byId.get(one.id)).toBe(`C-${n}`)
    })
  })

  test('every row that shares a key fails, the others are written', async () => {
    const answer = await upsert([
      account({ Customer_Id__c: 'a', Name: '1' }),
      account({ Customer_Id__c: 'b', Name: '2' }),
      account({ Customer_Id__c: 'A', Name: '3' }),
    ])
    expect(answer.body.map((one: { success: boolean }) => one.success)).toEqual([false, true, false])
    expect(answer.body[2].errors[0]).toMatchObject({
      statusCode: 'DUPLICATE_VALUE',
      message: 'Duplicate external id specified: A',
    })
    expect((await stored()).map((row) => row.Name)).toEqual(['2'])
  })

  test('a missing or blank key is an error of its row', async () => {
    const rows = [
      account({ Name: '1' }),
      account({ Customer_Id__c: ' ', Name: '2' }),
      account({ Customer_Id__c: null, Name: '3' }),
    ]
    const answer = await upsert(rows)
    for (const one of answer.body) expect(one.errors[0].statusCode).toBe('MISSING_ARGUMENT')
    expect(await stored()).toEqual([])
  })

  test('a key of several records is an error of its row, with their ids', async () => {
    const ids = await emulator.control.putRecords('salesforce', 'Contact', [
      { LastName: 'a', Email: 'x@y.example' },
      { LastName: 'b', Email: 'x@y.example' },
    ])
    const answer = await emulator.api('/composite/sobjects/Contact/Email', {
      method: 'PATCH',
      body: {
        records: [
          { attributes: { type: 'Contact' }, Email: 'x@y.example', Title: 'no' },
          { attributes: { type: 'Contact' }, Email: 'new@y.example', LastName: 'n' },
        ],
      },
    })
    expect(answer.body[0].errors[0].statusCode).toBe('DUPLICATE_EXTERNAL_ID')
    for (const id of ids) expect(answer.body[0].errors[0].message).toContain(id)
    expect(answer.body[1]).toMatchObject({ success: true, created: true })
  })

  test('Id as the key: updates with one, creates with null', async () => {
    const [id] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'x' }])
    const records = [account({ Id: id, Name: 'y' }), account({ Id: null, Name: 'z' })]
    const answer = await emulator.api('/composite/sobjects/Account/Id', { method: 'PATCH', body: { records } })
    expect(answer.body).toMatchObject([{ id, created: false }, { created: true }])
  })

  test('allOrNone: one bad row leaves nothing, and nothing in history either', async () => {
    const [id = ''] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'x', Customer_Id__c: 'a' }])
    const rows = [
      account({ Customer_Id__c: 'a', Name: 'y' }),
      account({ Customer_Id__c: 'b' }),
      account({ Customer_Id__c: 'c', Name: 'z' }),
    ]
    const answer = await upsert(rows, { allOrNone: true })
    const codes = answer.body.map((one: { errors: { statusCode: string }[] }) => one.errors[0]?.statusCode)
    expect(codes).toEqual([
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      'REQUIRED_FIELD_MISSING',
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    ])
    expect((await stored()).map((row) => row.Name)).toEqual(['x'])
    expect(await emulator.control.history('salesforce', 'Account', id)).toHaveLength(1)
  })

  test('allOrNone: two rows may not take one unique value', async () => {
    await emulator.control.putSchema('salesforce', 'Account', {
      fields: [{ name: 'Code__c', type: 'string', unique: true }],
    })
    const rows = [
      account({ Customer_Id__c: 'a', Name: '1', Code__c: 'q' }),
      account({ Customer_Id__c: 'b', Name: '2', Code__c: 'Q' }),
    ]
    expect((await upsert(rows, { allOrNone: true })).body[1].errors[0].statusCode).toBe('DUPLICATE_VALUE')
    expect(await stored()).toEqual([])
    const loose = await upsert(rows)
    expect(loose.body.map((one: { success: boolean }) => one.success)).toEqual([true, false])
  })
})

describe('the call as a whole', () => {
  test('more than 200 records are refused and nothing is written', async () => {
    const rows = Array.from({ length: 201 }, (_, n) => account({ Customer_Id__c: `${n}`, Name: 'x' }))
    const answer = await upsert(rows)
    expect(answer).toMatchObject({ status: 400, body: [{ errorCode: 'EXCEEDED_ID_LIMIT' }] })
    expect(await stored()).toEqual([])
  })

  test('one object type per upsert, a type in every record, a known type', async () => {
    const post = (records: object[]) => emulator.api('/composite/sobjects', { method: 'POST', body: { records } })
    expect((await upsert([{ attributes: { type: 'Contact' }, Customer_Id__c: 'x' }])).status).toBe(400)
    expect((await post([{ Name: 'x' }])).status).toBe(400)
    expect((await post([{ attributes: { type: 'Nope' }, Name: 'x' }])).body[0].errorCode).toBe('INVALID_TYPE')
    const mixed = Array.from({ length: 12 }, (_, n) => ({
      attributes: { type: n % 2 ? 'Account' : 'Contact' },
      Name: 'x',
      LastName: 'x',
    }))
    expect((await post(mixed)).status).toBe(400)
    expect((await emulator.api('/composite/sobjects/Nope/Id', { method: 'PATCH', body: { records: [] } })).status).toBe(
      404,
    )
  })
})

describe('create, update, delete, retrieve', () => {
  test('a create of two types answers without created flags; an Id is refused', async () => {
    const records = [
      account({ Name: 'a' }),
      { attributes: { type: 'contact' }, LastName: 'b' },
      account({ Name: 'c', Id: '001' }),
    ]
    const answer = await emulator.api('/composite/sobjects', { method: 'POST', body: { records } })
    expect(answer.body[0]).toEqual({ id: expect.any(String), success: true, errors: [] })
    expect(answer.body[1].id).toMatch(/^003/)
    expect(answer.body[2].errors[0].statusCode).toBe('INVALID_FIELD')
  })

  test('an update names what is wrong with each id', async () => {
    const [live = '', gone = ''] = await emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'a' },
      { Name: 'b' },
    ])
    await emulator.api(`/sobjects/Account/${gone}`, { method: 'DELETE' })
    const rows = [
      { id: live.slice(0, 15) },
      { id: gone },
      { id: 'abc' },
      { id: '0015g00000zzzzzAAA' },
      {},
      { id: `003${live.slice(3)}` },
    ]
    const records = rows.map((row) => account({ ...row, Site: 's' }))
    const answer = await emulator.api('/composite/sobjects', { method: 'PATCH', body: { records } })
    expect(answer.body[0]).toEqual({ id: live, success: true, errors: [] })
    const codes = answer.body.slice(1).map((one: { errors: { statusCode: string }[] }) => one.errors[0]?.statusCode)
    expect(codes).toEqual([
      'ENTITY_IS_DELETED',
      'MALFORMED_ID',
      'INVALID_CROSS_REFERENCE_KEY',
      'MISSING_ARGUMENT',
      'MALFORMED_ID',
    ])
  })

  test('a delete of several answers per id; deleted rows are in queryAll only', async () => {
    const ids = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a' }, { Name: 'b' }])
    const answer = await emulator.api(`/composite/sobjects?ids=${ids.join(',')},0015g00000zzzzzAAA`, {
      method: 'DELETE',
    })
    expect(answer.body.map((one: { success: boolean }) => one.success)).toEqual([true, true, false])
    const q = encodeURIComponent('SELECT Id, IsDeleted FROM Account')
    expect((await emulator.api(`/query?q=${q}`)).body.totalSize).toBe(0)
    expect((await emulator.api(`/queryAll?q=${q}`)).body.records).toMatchObject([
      { IsDeleted: true },
      { IsDeleted: true },
    ])
  })

  test('a delete with allOrNone keeps all when one cannot go', async () => {
    const [id] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a' }])
    const answer = await emulator.api(`/composite/sobjects?ids=${id},bad&allOrNone=true`, { method: 'DELETE' })
    expect(answer.body[0].errors[0].statusCode).toBe('ALL_OR_NONE_OPERATION_ROLLED_BACK')
    expect(await stored()).toHaveLength(1)
  })

  test('a retrieve keeps the order and answers null for ids that are not there', async () => {
    const [id] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a' }])
    const body = { ids: ['0015g00000zzzzzAAA', id], fields: ['name'] }
    const answer = await emulator.api('/composite/sobjects/Account', { method: 'POST', body })
    expect(answer.body).toEqual([null, { attributes: expect.any(Object), Name: 'a', Id: id }])
    const bad = await emulator.api('/composite/sobjects/Account', {
      method: 'POST',
      body: { ids: [id], fields: ['Nope'] },
    })
    expect(bad.body[0].errorCode).toBe('INVALID_FIELD')
  })
})
