import { beforeEach, describe, expect, test } from 'vitest'
import { ACCOUNT_FIELDS, useEmulator } from '../../contract/emulator-support.ts'

const emulator = useEmulator()
type Row = Record<string, unknown>
const account = (row: Row): Row => ({ attributes: { type: 'Account' }, ...row })
const upsert = (records: readonly Row[], key = 'Customer_Id__c', more: Row = {}) =>
  emulator.api(`/composite/sobjects/Account/${key}`, {
    method: 'PATCH',
    body: { allOrNone: false, records: records.map(account), ...more },
  })
const write = (method: string, records: readonly Row[], more: Row = {}) =>
  emulator.api('/composite/sobjects', { method, body: { allOrNone: false, records, ...more } })
const all = () => emulator.control.records('salesforce', 'Account')
const codes = (body: Row[]) => body.map((one) => (one.success === true ? 'ok' : (one.errors as Row[])[0]?.statusCode))

beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

describe('case 25: upsert of many', () => {
  test('case 25: 200 good and bad rows: status 200, results in order, created flags, statusCode and fields', async () => {
    await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'old', Customer_Id__c: 'k0' }])
    const records = Array.from({ length: 200 }, (_, n) => ({
      Customer_Id__c: `k${n}`,
      Name: `n${n}`,
      ...(n % 3 === 1 ? { Risk_Score__c: 5000 } : {}),
    }))
    const { status, body } = await upsert(records)
    expect(status).toBe(200)
    expect(body).toHaveLength(200)
    const byKey = new Map((await all()).map((row) => [row.Customer_Id__c, row.Id]))
    for (const [n, one] of body.entries()) {
      if (n % 3 === 1) {
        expect(one).toEqual({
          success: false,
          errors: [
            { statusCode: 'NUMBER_OUTSIDE_VALID_RANGE', message: expect.any(String), fields: ['Risk_Score__c'] },
          ],
        })
      } else expect(one).toEqual({ id: byKey.get(`k${n}`), success: true, errors: [], created: n !== 0 })
    }
  })

  test('case 25: one key in two rows: both fail, the others are written', async () => {
    const { body } = await upsert([
      { Customer_Id__c: 'a', Name: '1' },
      { Customer_Id__c: 'B', Name: '2' },
      { Customer_Id__c: 'b', Name: '3' },
    ])
    expect(codes(body)).toEqual(['ok', 'DUPLICATE_VALUE', 'DUPLICATE_VALUE'])
    expect(body[1].errors[0].message).toContain('Duplicate external id specified')
    const { body: exact } = await upsert(
      [
        { Legacy_Id__c: 'B', Name: '2' },
        { Legacy_Id__c: 'b', Name: '3' },
      ],
      'Legacy_Id__c',
    )
    expect(codes(exact)).toEqual(['ok', 'ok'])
  })

  test('case 25: a key of several records is DUPLICATE_EXTERNAL_ID, a unique value of another DUPLICATE_VALUE', async () => {
    const [first] = await emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'a', Legacy_Id__c: 'L', Customer_Id__c: 'c1' },
      { Name: 'b', Legacy_Id__c: 'L' },
    ])
    const { body } = await upsert(
      [{ Legacy_Id__c: 'L' }, { Legacy_Id__c: 'M', Name: 'm', Customer_Id__c: 'C1' }],
      'Legacy_Id__c',
    )
    expect(codes(body)).toEqual(['DUPLICATE_EXTERNAL_ID', 'DUPLICATE_VALUE'])
    expect(body[1].errors[0].message).toBe(
      `duplicate value found: Customer_Id__c duplicates value on record with id: ${first}`,
    )
  })

  test('case 25: a standard lookup field and Id are keys, any other field is not', async () => {
    await emulator.control.putRecords('salesforce', 'Contact', [{ LastName: 'x', Email: 'x@y.example' }])
    const records = [{ attributes: { type: 'Contact' }, Email: 'x@y.example', LastName: 'z' }]
    const path = (key: string) => `/composite/sobjects/Contact/${key}`
    const byEmail = await emulator.api(path('Email'), { method: 'PATCH', body: { records } })
    expect(byEmail.body).toMatchObject([{ success: true, created: false }])
    const byTitle = await emulator.api(path('Title'), { method: 'PATCH', body: { records } })
    expect(byTitle.status).toBe(400)
    const byId = await emulator.api(path('Id'), {
      method: 'PATCH',
      body: { records: [{ attributes: { type: 'Contact' }, Id: null, LastName: 'n' }] },
    })
    expect(byId.body).toMatchObject([{ success: true, created: true }])
  })

  test('case 25: all or none leaves nothing, and names the collateral', async () => {
    const { status, body } = await upsert(
      [
        { Customer_Id__c: 'a', Name: '1' },
        { Customer_Id__c: 'b', Risk_Score__c: 5000 },
      ],
      'Customer_Id__c',
      { allOrNone: true },
    )
    expect(status).toBe(200)
    expect(codes(body)).toEqual(['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'NUMBER_OUTSIDE_VALID_RANGE'])
    expect(body[0].errors[0].message).toBe(
      'Record rolled back because not all records were valid and the request was using AllOrNone header',
    )
    expect(await all()).toEqual([])
  })

  test('case 26: 201 records are 400 EXCEEDED_ID_LIMIT, and nothing is written', async () => {
    const records = Array.from({ length: 201 }, (_, n) => ({ Customer_Id__c: `k${n}`, Name: 'x' }))
    for (const answer of [await upsert(records), await write('POST', records.map(account))]) {
      expect(answer).toMatchObject({
        status: 400,
        body: [
          {
            errorCode: 'EXCEEDED_ID_LIMIT',
            message: 'record limit reached. cannot submit more than 200 records into this call',
          },
        ],
      })
    }
    expect(await all()).toEqual([])
  })
})

describe('several types', () => {
  const alternating = (runs: number) =>
    Array.from({ length: runs }, (_, n) =>
      n % 2 === 0 ? account({ Name: `a${n}` }) : { attributes: { type: 'Contact' }, LastName: `c${n}` },
    )

  test('ten runs of one type each are taken, eleven are refused', async () => {
    const ten = await write('POST', alternating(10))
    expect(codes(ten.body)).toEqual(Array(10).fill('ok'))
    const eleven = await write('POST', alternating(11))
    expect(eleven).toMatchObject({ status: 400, body: [{ errorCode: 'EXCEEDED_MAX_TYPES_LIMIT' }] })
    expect(await all()).toHaveLength(5)
  })
})

describe('case 38: delete and retrieve of many', () => {
  test('case 38: 200 ids go, an unknown one fails alone, only queryAll still sees them', async () => {
    const seed = Array.from({ length: 200 }, (_, n) => ({ Name: `n${n}` }))
    const ids = await emulator.control.putRecords('salesforce', 'Account', seed)
    const unknown = '001000000000000AAA'
    const some = [...ids.slice(0, 199), unknown]
    const { status, body } = await emulator.api(`/composite/sobjects?ids=${some.join(',')}&allOrNone=false`, {
      method: 'DELETE',
    })
    expect(status).toBe(200)
    expect(body.slice(0, 199)).toEqual(ids.slice(0, 199).map((id) => ({ id, success: true, errors: [] })))
    expect(codes(body)[199]).toBe('INVALID_CROSS_REFERENCE_KEY')
    const q = encodeURIComponent('SELECT COUNT() FROM Account')
    expect((await emulator.api(`/query?q=${q}`)).body.totalSize).toBe(1)
    expect((await emulator.api(`/queryAll?q=${q}`)).body.totalSize).toBe(200)
    const again = await emulator.api(`/composite/sobjects?ids=${ids[0]}`, { method: 'DELETE' })
    expect(codes(again.body)).toEqual(['ENTITY_IS_DELETED'])
  })

  test('case 38: a retrieve keeps the order and answers null for what is not there', async () => {
    const ids = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a' }, { Name: 'b' }])
    const { body } = await emulator.api('/composite/sobjects/Account', {
      method: 'POST',
      body: { ids: [ids[1], '001000000000000AAA', ids[0]?.slice(0, 15)], fields: ['name'] },
    })
    expect(body.map((row: Row | null) => row?.Name ?? null)).toEqual(['b', null, 'a'])
  })
})
